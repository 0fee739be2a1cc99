import type { CommandResult } from '../../model/node.ts';
import type { ConfirmOperation } from '../../model/operation.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import { reloadInterfaces } from './ifupdown.ts';
import { loadInterfaces } from './loaded-interfaces.ts';
import { addressesInReach, answersAsGateway } from './reachable.ts';

/** Where Phoenix puts the program on a host. */
export const SWITCH_PATH = '/var/lib/phoenix/dead-man/switch';

/**
 * The dead-man switch of a host: `apply` arms it and leaves a process behind that belongs to the host
 * and not to who started it. `base` is the host that outlives a tool which is killed.
 */
export async function runSwitch(
  world: World,
  { host, base }: { readonly host: Host; readonly base: Host },
  [verb = '', name = '', ...words]: readonly string[],
): Promise<CommandResult> {
  if (world.files[SWITCH_PATH] === undefined) return ended(127, `${SWITCH_PATH}: not found`);
  switch (verb) {
    case 'apply':
      return apply(world, { host, base }, name, words);
    case 'settle':
      return settle(world, base, name, Number(words[0]));
    case 'check':
      return loadInterfaces(text(world, name) ?? '')
        ? DONE
        : ended(1, `error: ${name}: unsupported address method`);
    case 'reach':
      return answersAsGateway(world, name) ? DONE : ended(1, `${name} does not answer.`);
    default:
      return ended(1, `switch: no such verb: ${verb}`);
  }
}

/** Confirms over a fresh connection: where the host can't be reached from outside, it takes the change back. */
export async function confirmOnTwin(
  world: World,
  host: Host,
  { name, token, gateway, addresses, timeoutMs }: ConfirmOperation,
): Promise<CommandResult> {
  const until = host.now() + timeoutMs;
  const before = addressesAt(world, name === 'network' ? text(world, `${home(name)}/old/0`) : undefined);
  while (host.now() < until) {
    const [state, armedWith] = stateOf(world, name);
    if (state === 'kept' && armedWith === token) return DONE;
    if (state !== 'armed' && state !== 'restoring') break;
    const inReach = addressesInReach(world);
    const isFound =
      inReach.includes('unseen') || inReach.some((one) => before.includes(one) || addresses.includes(one));
    const hasGateway = gateway === undefined || answersAsGateway(world, gateway);
    if (state === 'armed' && armedWith === token && isApplied(world, name) && isFound && hasGateway) {
      await host.files.write(`${home(name)}/state`, `kept ${token}\n`);
      return DONE;
    }
    await host.sleep(500);
  }
  while (WATCHED.get(world)?.has(name) === true) await host.sleep(1000);
  return ended(1, `not confirmed: ${stateOf(world, name).join(' ')}`);
}

/** The host starts anew: its processes are gone, and what was not confirmed is taken back before its network comes up. */
export async function bootSwitches(world: World, host: Host): Promise<void> {
  WATCHED.delete(world);
  for (const name of ['network', 'firewall']) {
    await restore(world, host, name, 'the host was started anew before it was confirmed');
  }
  await reload(world, host, 'network');
  await reload(world, host, 'firewall');
}

/** Switches whose process lives. */
const WATCHED = new WeakMap<World, Set<string>>();
const DONE: CommandResult = { rc: 0, stdout: '', stderr: '' };
const RELOAD_MS = 3000;

function ended(rc: number, stderr: string): CommandResult {
  return { rc, stdout: '', stderr: `${stderr}\n` };
}

function home(name: string): string {
  return `/var/lib/phoenix/dead-man/${name}`;
}

function text(world: World, path: string): string | undefined {
  return world.files[path]?.text;
}

function stateOf(world: World, name: string): readonly string[] {
  return (text(world, `${home(name)}/state`) ?? '').trim().split(' ');
}

function isApplied(world: World, name: string): boolean {
  return text(world, `${home(name)}/applied`)?.trim() === '0';
}

/** Where the host was found before the change, so that a fresh connection tries there first. */
function addressesAt(world: World, interfaces: string | undefined): readonly string[] {
  const source = interfaces ?? world.network?.loaded ?? '';
  return [...(loadInterfaces(source)?.values() ?? [])].flatMap(({ addresses, method }) =>
    method === 'dhcp'
      ? [world.network?.outside?.lease ?? '']
      : addresses.map((address) => address.split('/')[0] ?? ''),
  );
}

async function apply(
  world: World,
  { host, base }: { readonly host: Host; readonly base: Host },
  name: string,
  [token = '', seconds = '', ...pairs]: readonly string[],
): Promise<CommandResult> {
  const watched = WATCHED.get(world) ?? new Set();
  WATCHED.set(world, watched);
  if (watched.has(name)) return ended(1, 'Another change still waits for its confirmation.');
  if (['armed', 'restoring'].includes(stateOf(world, name)[0] ?? '')) {
    return ended(1, 'Another change was not taken back yet.');
  }
  const targets: string[] = [];
  await host.files.remove(`${home(name)}/applied`);
  for (let index = 0; index < pairs.length; index += 2) {
    const [staged = '', target = ''] = pairs.slice(index);
    const next = text(world, staged);
    if (next === undefined) return ended(1, `cp: cannot stat '${staged}'`);
    const number = targets.length;
    const old = text(world, target);
    if (old === undefined) await host.files.remove(`${home(name)}/old/${number}`);
    else await host.files.write(`${home(name)}/old/${number}`, old);
    await host.files.write(`${home(name)}/new/${number}`, next);
    targets.push(target);
  }
  await host.files.write(`${home(name)}/files`, targets.map((target) => `${target}\n`).join(''));
  const deadline = host.now() + Number(seconds) * 1000;
  await host.files.write(`${home(name)}/state`, `armed ${token} ${deadline} boot\n`);
  watched.add(name);
  void watch(world, base, { name, token, deadline });
  return DONE;
}

async function watch(
  world: World,
  host: Host,
  { name, token, deadline }: { readonly name: string; readonly token: string; readonly deadline: number },
): Promise<void> {
  const isOpen = (): boolean =>
    WATCHED.get(world)?.has(name) === true &&
    stateOf(world, name)[0] === 'armed' &&
    stateOf(world, name)[1] === token;
  if (!isOpen()) return;
  await place(world, host, name, 'new');
  const rc = await reload(world, host, name);
  if (!isOpen()) return;
  await host.files.write(`${home(name)}/applied`, `${rc}\n`);
  if (rc === 0) while (isOpen() && host.now() < deadline) await host.sleep(1000);
  if (WATCHED.get(world)?.has(name) !== true) return;
  await restore(
    world,
    host,
    name,
    rc === 0 ? 'nobody confirmed it in time' : `the host could not load it (exit code ${rc})`,
  );
  WATCHED.get(world)?.delete(name);
}

async function settle(world: World, host: Host, name: string, seconds: number): Promise<CommandResult> {
  const until = host.now() + seconds * 1000;
  while (WATCHED.get(world)?.has(name) === true) {
    if (host.now() >= until) return ended(1, 'The switch is still at work.');
    await host.sleep(1000);
  }
  await restore(world, host, name, 'the host was started anew, or the switch was killed');
  return DONE;
}

async function restore(world: World, host: Host, name: string, reason: string): Promise<void> {
  const [state, token = ''] = stateOf(world, name);
  if (state !== 'armed' && state !== 'restoring') return;
  await host.files.write(`${home(name)}/state`, `restoring ${token} ${reason}\n`);
  await place(world, host, name, 'old');
  await reload(world, host, name);
  await host.files.write(`${home(name)}/state`, `restored ${token} ${reason}\n`);
}

async function place(world: World, host: Host, name: string, which: 'old' | 'new'): Promise<void> {
  const targets = (text(world, `${home(name)}/files`) ?? '').split('\n').filter((line) => line !== '');
  for (const [number, target] of targets.entries()) {
    const content = text(world, `${home(name)}/${which}/${number}`);
    if (content === undefined) await host.files.remove(target);
    else await host.files.write(target, content);
  }
}

/** `ifreload -a`, or what makes the firewall read its files. */
async function reload(world: World, host: Host, name: string): Promise<number> {
  await host.sleep(RELOAD_MS);
  if (!world.network) return 0;
  if (name === 'network') {
    return reloadInterfaces(world);
  }
  world.network.firewall = {
    cluster: text(world, '/etc/pve/firewall/cluster.fw') ?? '',
    host: text(world, `/etc/pve/nodes/${world.nodeName}/host.fw`) ?? '',
  };
  return 0;
}
