import fc from 'fast-check';
import { runTool, type World } from '../../src/twin/index.ts';
import { hostOf } from './converge.ts';

/** What a person does on the node by hand, as command lines; some of them will be refused, as in life. */
export type Deed = readonly string[];

const ours = fc.integer({ min: 200, max: 203 }).map(String);
const clones = fc.integer({ min: 201, max: 203 }).map(String);
const theirs = fc.integer({ min: 300, max: 301 }).map(String);
const template = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';

/** What a running container takes only at its next start. */
const waiting: fc.Arbitrary<Deed> = fc
  .tuple(
    ours,
    fc.constantFrom(['--timezone', 'UTC'], ['--features', 'mknod=1'], ['--searchdomain', 'waits.internal']),
  )
  .map(([id, words]) => ['pct', 'set', id, ...words]);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: waiting },
  fc.tuple(ours, fc.constantFrom('600', '2000')).map(([id, size]) => ['pct', 'set', id, '--memory', size]),
  ours.map((id) => ['pct', 'set', id, '--cores', '2', '--swap', '99', '--onboot', '1']),
  ours.map((id) => ['pct', 'set', id, '--tags', 'by-hand']),
  ours.map((id) => ['pct', 'set', id, '--hostname', 'by-hand']),
  ours.map((id) => ['pct', 'set', id, '--features', 'fuse=1']),
  ours.map((id) => ['pct', 'set', id, '--nameserver', '1.1.1.1', '--searchdomain', 'by.hand']),
  ours.map((id) => ['pct', 'set', id, '--delete', 'nameserver,features,tags']),
  ours.map((id) => ['pct', 'set', id, '--mp9', '/srv,mp=/by-hand']),
  ours.map((id) => ['pct', 'set', id, '--net5', 'name=eth5,bridge=vmbr0,hwaddr=52:54:00:FF:FF:05']),
  ours.map((id) => ['pct', 'set', id, '--dev7', '/dev/zero']),
  ours.map((id) => ['pct', 'set', id, '--delete', 'mp0']),
  ours.map((id) => ['pct', 'set', id, '--protection', '0', '--timezone', 'UTC']),
  ours.map((id) => ['pct', 'start', id]),
  ours.map((id) => ['pct', 'stop', id]),
  ours.map((id) => ['pct', 'shutdown', id, '--timeout', '10']),
  clones.map((id) => ['pct', 'snapshot', id, 'by_hand']),
  theirs.map((id) => ['pct', 'create', id, template, '--rootfs', 'local:1', '--hostname', 'theirs']),
  theirs.map((id) => ['pct', 'start', id]),
  theirs.map((id) => ['pct', 'set', id, '--mp0', 'local:1,mp=/data']),
);

export const deeds: fc.Arbitrary<readonly Deed[]> = fc.array(deed, { maxLength: 8 });

/** Does it by hand, refused or not. */
export async function doByHand(world: World, done: readonly Deed[]): Promise<void> {
  for (const argv of done) await runTool(hostOf(world), argv);
}
