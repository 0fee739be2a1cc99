import { join } from 'node:path';
import type { Folder } from '../../model/desired.ts';
import type { RunResult } from '../../model/plan.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { loadConfiguration } from '../configuration.ts';
import { isJson, type Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { closure, NEEDS } from '../targets/graph.ts';
import { chosenGuests, type Chosen } from '../targets/guests.ts';
import { COMMON_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { withSession, type Session } from '../run/session.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import { withoutTemplates } from '../targets/templates.ts';
import type { Verb } from '../verb.ts';

/** `phoenix rehearse`: the folder, tried for real on this machine, from nothing, in a sandbox of its own. */
export const rehearse: Verb = {
  name: 'rehearse',
  summary: 'try the folder in a fresh sandbox: converge, check, converge again',
  details:
    'Makes real containers and virtual machines on this machine, in a sandbox that is there for this run only. Fails where the second converge still finds something to change. Needs root.',
  operands: [
    targetsOperand({ isRequired: false, summary: 'ids, names, all, lxc, vm, tag:NAME (default: all)' }),
  ],
  options: [
    { name: 'keep', summary: 'keep the sandbox to look at it' },
    { name: 'yes', short: 'y', summary: 'install Debian packages that the sandbox needs' },
    { name: 'plain', summary: 'append-only lines, also on a terminal' },
    ...COMMON_OPTIONS,
  ],
  makesGuests: true,
  examples: [
    ['phoenix rehearse', 'everything that the folder describes'],
    ['phoenix rehearse web --keep', 'one guest and what it needs; look at it afterwards'],
  ],
  run: async (context) => {
    const folder = await loadConfiguration(context, 'sandbox');
    const { operands, io } = context;
    const selection = resolveTargets(folder, operands.length === 0 ? ['all'] : operands);
    const chosen = chosenGuests(folder, closure(folder, selection.guests, NEEDS), selection);
    const { openSandboxFor, nodeOf } = await import('../nodes/open-sandbox.ts');
    const { resetSandbox, sandboxFolder, sandboxLayout } = await import('../../sandbox/index.ts');
    const place = join(sandboxLayout(sandboxFolder(io.env)).rehearsals, String(io.now()));
    try {
      const exitCode = await withSession(
        context,
        folder,
        async (session) => {
          await rehearseOn(session, folder, chosen);
        },
        async () => nodeOf(await openSandboxFor(context, folder, place), io, folder),
      );
      if (exitCode === EXIT.done && !isJson(context))
        io.stdout.write('Made, healthy, and the second converge changed nothing.\n');
      return exitCode;
    } finally {
      if (context.options.has('keep')) sayKept(context, place);
      else await resetSandbox(place);
    }
  },
};

async function rehearseOn(session: Session, folder: Folder, { guests, refused }: Chosen): Promise<void> {
  const { managerFor } = await import('../../managers/index.ts');
  const converge = async () =>
    await session.run({
      verb: 'converge',
      folder,
      guests,
      refused,
      manager: managerFor('converge'),
      edges: NEEDS,
      /* Nothing in a sandbox of our own is anybody's. */
      consent: { allows: () => true, adopt: false },
    });
  if ((await converge()).exitCode !== 0) return;
  const health = await session.run({
    verb: 'health-check',
    folder,
    guests: withoutTemplates(guests),
    manager: managerFor('healthCheck'),
    edges: () => [],
    consent: { allows: () => false, adopt: false },
  });
  if (health.exitCode !== 0) return;
  await session.tell(stillChanging(await converge()));
}

function stillChanging({ targets }: RunResult): readonly Diagnostic[] {
  return targets
    .filter(({ changes, operations }) => changes.length + operations.length > 0)
    .map(({ target, changes }) => ({
      code: 'cli/not-idempotent',
      severity: 'error',
      target,
      summary: 'The second converge still found something to change',
      detail: changes.map(({ attribute, before, after }) => `${attribute}: ${before} → ${after}`).join('\n'),
      remedy: 'Make what it does repeatable; see its operations with --verbose.',
    }));
}

function sayKept({ io }: Context, place: string): void {
  io.stderr.write(`The sandbox is kept. To look at it, and to remove it:
    PHOENIX_SANDBOX=${place} phoenix sandbox shell
    PHOENIX_SANDBOX=${place} phoenix sandbox reset --yes
`);
}
