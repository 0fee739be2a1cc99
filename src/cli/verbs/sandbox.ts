import { loadConfigurationIfAny } from '../configuration.ts';
import { askToProceed, canAsk } from '../run/ask.ts';
import { isJson, writeJson, type Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { COMMON_OPTIONS } from '../command-line/options.ts';
import { quote } from '../command-line/parse.ts';
import { stop, usageStop } from '../stop.ts';
import { table } from '../table.ts';
import type { Verb } from '../verb.ts';

const ACTIONS = ['status', 'reset', 'shell'] as const;

/** `phoenix sandbox`: looks at the sandbox of this machine, goes into it, or removes it. */
export const sandbox: Verb = {
  name: 'sandbox',
  summary: 'look at, enter or remove the sandbox of this machine',
  details:
    'In the shell pct, qm, pvesm and pveam are on the path. The sandbox is in $PHOENIX_SANDBOX, by default below the data folder of the user; nothing outside is touched.',
  operands: [{ name: 'action', summary: ACTIONS.join(', '), isRequired: true, completes: ACTIONS }],
  options: [
    { name: 'yes', short: 'y', summary: 'answer yes to "proceed?", install Debian packages that it needs' },
    ...COMMON_OPTIONS,
  ],
  takesCommand: true,
  examples: [
    ['phoenix sandbox status', 'what is in it'],
    ['phoenix sandbox shell', 'a shell on its node'],
    ['phoenix sandbox shell -- pct list', 'one command on its node'],
    ['phoenix sandbox reset', 'remove it with everything in it; asks first'],
  ],
  run: async (context) => {
    const { operands, command } = context;
    const action = ACTIONS.find((name) => name === operands[0]);
    if (action === undefined || (command !== undefined && action !== 'shell'))
      throw usageStop(
        'cli/unknown-action',
        `"phoenix sandbox" does not know ${quote([...operands, ...(command ?? [])].join(' '))}.`,
        `It takes: ${ACTIONS.join(', ')}.`,
      );
    if (action === 'shell') return await enter(context);
    return action === 'status' ? await show(context) : await reset(context);
  },
};

async function show(context: Context): Promise<number> {
  const { io } = context;
  const { sandboxFolder, sandboxStatus } = await import('../../sandbox/index.ts');
  const found = await sandboxStatus(sandboxFolder(io.env));
  if (isJson(context)) {
    writeJson(io, found);
    return EXIT.done;
  }
  const facts = [
    ['Folder', found.folder],
    ['State', { none: 'not made yet', stopped: 'stopped', running: 'running' }[found.state]],
    ['Node', found.nodeName ?? ''],
    ['Disk', found.diskBytes === 0 ? '' : `${Math.ceil(found.diskBytes / 1024 ** 2)} MiB`],
    ['Templates', found.templates.join(', ')],
    ['Rehearsals kept', found.rehearsals.join(', ')],
  ].filter(([, text]) => text !== '');
  const width = Math.max(...facts.map(([name]) => name?.length ?? 0));
  io.stdout.write(facts.map(([name, text]) => `${`${name}:`.padEnd(width + 1)} ${text}\n`).join(''));
  const guests = [...found.containers, ...found.machines].toSorted((a, b) => a.vmid - b.vmid);
  if (guests.length > 0) {
    const rows = guests.map(({ vmid, name, isRunning }) => [
      String(vmid),
      name,
      isRunning ? 'running' : 'stopped',
    ]);
    io.stdout.write(`\n${table(['ID', 'NAME', 'STATE'], rows)}`);
  }
  return EXIT.done;
}

async function reset(context: Context): Promise<number> {
  const { io, options } = context;
  const { resetSandbox, sandboxFolder } = await import('../../sandbox/index.ts');
  const place = sandboxFolder(io.env);
  if (!options.has('yes')) {
    const isAsked = canAsk(io) && !isJson(context);
    if (!isAsked || !(await askToProceed(`Remove the sandbox in ${place} with everything in it?`)))
      throw stop(EXIT.left, {
        code: 'cli/not-confirmed',
        summary: 'The sandbox was not removed',
        ...(isAsked ? {} : { detail: 'There is no terminal to ask.', remedy: 'Add --yes.' }),
      });
  }
  await resetSandbox(place);
  if (isJson(context)) writeJson(io, { folder: place, state: 'none' });
  else io.stdout.write(`Removed the sandbox in ${place}.\n`);
  return EXIT.done;
}

async function enter(context: Context): Promise<number> {
  const { openSandboxFor } = await import('../nodes/open-sandbox.ts');
  const { sandboxShell } = await import('../../sandbox/index.ts');
  const folder = await loadConfigurationIfAny(context, 'sandbox');
  const opened = await openSandboxFor(context, folder);
  try {
    return await sandboxShell(opened, context.io.env, context.command ?? []);
  } finally {
    await opened.close();
  }
}
