import { expect, test } from 'vitest';
import { applyConfigurations } from '../../../src/managers/lxc/apply-configurations.ts';
import { validateInputs } from '../../../src/managers/lxc/validate-inputs.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { ask, codes, effects, guest, MINIMAL, TEMPLATE, wanted } from '../given.ts';
import { converge, done, lab, problems } from '../on-twin.ts';

const PATH = '/etc/apparmor.d/lxc-web';
const SYSFS = '/sys/kernel/security/apparmor';
const PROFILE = { name: 'lxc-web', content: 'profile lxc-web flags=(attach_disconnected) {\n}\n' };
const desired = { apparmorProfile: PROFILE };

function node(text: string | undefined, type: 'directory' | 'missing' = 'directory'): Partial<Observation> {
  return {
    paths: new Map([[SYSFS, { path: SYSFS, type }]]),
    files: new Map(text === undefined ? [] : [[PATH, text]]),
  };
}

function operations(more: Parameters<typeof ask>[1]): readonly string[] {
  const answer = ask(applyConfigurations, { desired, guest: guest(MINIMAL), ...more });
  return answer.operations.map(({ op }) => op);
}

test('it is loaded into the kernel, then kept for the next boot', () => {
  const answer = ask(applyConfigurations, {
    desired,
    guest: guest(MINIMAL, { running: true }),
    node: node(undefined),
  });
  expect(answer.operations).toMatchObject([
    { op: 'exec', in: 'node', script: { files: { profile: PROFILE.content } } },
    { op: 'write', path: PATH, content: expect.stringMatching(/^# .*Phoenix.*\nprofile lxc-web /) },
  ]);
  expect(effects(answer)).toEqual({ 'AppArmor profile lxc-web': 'live' });
});

test('a node without AppArmor only keeps it', () => {
  expect(operations({ node: node(undefined, 'missing') })).toEqual(['write']);
});

test('the same text, whoever wrote it, is left alone', () => {
  expect(operations({ node: node(PROFILE.content) })).toEqual([]);
});

test("someone else's is refused before anything is touched, unless it is taken over", () => {
  const given = { desired, node: node('profile lxc-web {}\n') };
  expect(codes(ask(validateInputs, given))).toEqual(['lxc/foreign-apparmor-profile']);
  expect(codes(ask(validateInputs, { ...given, adopt: true }))).toEqual([]);
  expect(operations({ node: given.node, adopt: true })).toEqual(['exec', 'write']);
});

test('on a node: written once, and again where the folder has another text', async () => {
  const place = lab();
  place.world.files[SYSFS] = { type: 'directory' };
  const container = wanted({ ...desired, template: `local:vztmpl/${TEMPLATE}`, rootfsGiB: 1 });
  const load = '# run load-apparmor-profile on the node';
  expect(done(await converge(place, [container]))).toContain(load);
  expect(place.world.files[PATH]?.text).toContain(PROFILE.content);
  expect(done(await converge(place, [container]))).toEqual([]);
  const other = { ...container, apparmorProfile: { ...PROFILE, content: 'profile lxc-web {\n}\n' } };
  const result = await converge(place, [other]);
  expect(problems(result)).toEqual([]);
  expect(done(result)).toEqual([load, expect.stringContaining(`# write ${PATH}`)]);
});
