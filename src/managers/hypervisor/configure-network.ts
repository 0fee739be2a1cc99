import type { DesiredNetwork } from '../../model/desired-network.ts';
import type { Operation } from '../../model/operation.ts';
import {
  checkArgv,
  readSwitchState,
  stagedPath,
  switchStatePath,
  switchToken,
  type SwitchState,
} from '../../pve/host/dead-man.ts';
import { editInterfaces, type InterfacesDifference } from '../../pve/host/edit-interfaces.ts';
import { parseInterfaces, printInterfaces, stanzasOf } from '../../pve/host/interfaces-file.ts';
import { editResolvConf } from '../../pve/host/resolv-conf.ts';
import { networkFindings } from './network/findings.ts';
import { resolvedByOthers } from './network/resolver.ts';
import { removableInterfaces } from './network/removable.ts';
import { wantedInterfaces } from './network/wanted-interfaces.ts';
import { finding, hostOperations } from './operations.ts';
import { answerOf, type HostInput, type HostStep, type Part } from './part.ts';
import { behindSwitch, openSwitch, takenBack } from './switch/behind-switch.ts';

const STEP = 'configure_network';
const INTERFACES = '/etc/network/interfaces';
const STAGED_BY_OTHERS = '/etc/network/interfaces.new';
const RESOLV_CONF = '/etc/resolv.conf';

/**
 * The host's interfaces and its name servers. Interfaces change only behind the dead-man switch, which
 * takes the change back unless the host proves afterwards that it is reachable. The network is never
 * restarted: `ifreload` changes what differs and leaves guests on their bridges.
 */
export const configureNetwork: HostStep = {
  name: STEP,
  needs: (desired) =>
    desired.network
      ? { host: ['network', 'package:ifupdown2'], files: [switchStatePath('network'), STAGED_BY_OTHERS] }
      : {},
  plan: (input) => {
    const { network } = input.desired;
    if (!network) return answerOf(input, STEP, []);
    const state = readSwitchState(input.observed.node.files?.get(switchStatePath('network')));
    const open = openSwitch(STEP, 'network', state, network.confirmWithinSeconds);
    if (open) return answerOf(input, STEP, [open]);
    return answerOf(input, STEP, [interfaces(input, network, state), nameservers(input, network)]);
  },
};

function interfaces(input: HostInput, network: DesiredNetwork, state: SwitchState | undefined): Part {
  const text = input.observed.node.files?.get(INTERFACES);
  const removed = removableInterfaces(input, network, text ?? '');
  if (network.interfaces.length === 0 && removed.names.length === 0) return removed;
  if (text === undefined || input.observed.node.host?.packages?.has('ifupdown2') !== true) {
    return { diagnostics: [NO_IFUPDOWN2] };
  }
  const before = parseInterfaces(text);
  const edited = editInterfaces(before, wantedInterfaces(network.interfaces), removed.names);
  const found = networkFindings(input, network, { before, after: edited.file });
  if (edited.differences.length === 0) return { diagnostics: [...removed.diagnostics, ...found] };
  const { change, run } = hostOperations(STEP);
  const changes = edited.differences.map((one) =>
    change(attributeOf(one), one.before, one.after, 'interrupts-network'),
  );
  const names = changes.map(({ attribute }) => attribute);
  const content = printInterfaces(edited.file);
  const staged = stagedPath('network', 'interfaces');
  const isRefused = found.some(({ severity }) => severity === 'error');
  const mayRun = !isRefused && input.consent.allows('interrupts-network', 'node');
  const operations: readonly Operation[] = mayRun
    ? behindSwitch(STEP, {
        name: 'network',
        changes: names,
        token: switchToken(['network', text, content]),
        seconds: network.confirmWithinSeconds,
        files: [{ staged, target: INTERFACES, content }],
        checks: [
          run(names, checkArgv(staged), {
            title: 'check the new interfaces',
            timeoutMs: 60_000,
          }),
        ],
        addresses: network.interfaces.flatMap(({ address, address6 }) =>
          [address, address6].flatMap((one) => (one?.includes('/') ? [one.split('/')[0] ?? ''] : [])),
        ),
        gateway: gatewayOf(network),
      })
    : [];
  const known = new Set(stanzasOf(before).map(({ name }) => name));
  return {
    changes,
    operations,
    diagnostics: [
      ...removed.diagnostics,
      ...found,
      ...takenBack('network', state),
      ...stagedByOthers(input, text),
    ],
    ...(mayRun && {
      makes: { interfaces: network.interfaces.map(({ name }) => name).filter((name) => !known.has(name)) },
    }),
  };
}

function gatewayOf({ interfaces: list }: DesiredNetwork): string | undefined {
  return list.flatMap(({ gateway }) => gateway ?? [])[0] ?? list.flatMap(({ gateway6 }) => gateway6 ?? [])[0];
}

function attributeOf({ interface: name, option }: InterfacesDifference): string {
  return option === undefined ? `interface ${name}` : `${name} ${option}`;
}

/** Name servers cut nobody off: they need no switch. */
function nameservers(input: HostInput, network: DesiredNetwork): Part {
  if (!network.nameservers && network.searchDomain === undefined) return {};
  const text = input.observed.node.files?.get(RESOLV_CONF) ?? '';
  const content = editResolvConf(text, network);
  if (content === text) return {};
  const other = resolvedByOthers(text);
  if (other) return { diagnostics: [other] };
  const { change, write } = hostOperations(STEP);
  return {
    changes: [change('name servers', serversIn(text), serversIn(content))],
    operations: [write(['name servers'], RESOLV_CONF, content, 0o644)],
  };
}

function serversIn(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => /^\s*(?:nameserver|search|domain)\s/.test(line));
  return lines.length === 0
    ? undefined
    : lines.map((line) => line.trim().replace(/^nameserver\s+/, '')).join(', ');
}

/** What somebody prepared in the web interface would undo the change when it is applied later. */
function stagedByOthers({ observed }: HostInput, text: string): NonNullable<Part['diagnostics']> {
  const staged = observed.node.files?.get(STAGED_BY_OTHERS);
  if (staged === undefined || staged === text) return [];
  return [
    finding('warning', 'network-staged-by-others', {
      summary: 'Somebody has prepared another change of the network',
      detail: `${STAGED_BY_OTHERS} differs from ${INTERFACES}: applied later, in the web interface, it undoes what Phoenix changes now.`,
      remedy: 'Apply or revert it in the web interface, under System, Network.',
    }),
  ];
}

const NO_IFUPDOWN2 = finding('error', 'no-ifupdown2', {
  summary: "The host's network is not looked after by ifupdown2",
  detail: `Phoenix changes ${INTERFACES} and has it loaded with ifreload, which Proxmox VE brings along.`,
  remedy: 'Install it:\n    apt-get install ifupdown2',
});
