import type { WriteOperation } from '../../model/operation.ts';
import { placeRules, withOptions } from '../../pve/firewall-edit.ts';
import {
  firewallPath,
  normalizeRule,
  parseFirewallFile,
  printFirewallFile,
  printFirewallRule,
  readFirewallOption,
  sectionLines,
  withSection,
  type FirewallFile,
} from '../../pve/firewall-file.ts';
import type { DesiredGuest } from '../../model/desired.ts';
import { recordOf, type PresentGuest } from './input.ts';
import { NO_WORK, type Work } from './work.ts';
import { wordsOf } from './words.ts';

/**
 * The guest's firewall file, written whole in one go, so that there is no moment without rules: our
 * options and our rules in the folder's order, everyone else's rules where they stand.
 */
export function firewallWork(input: PresentGuest): Work {
  const { guest, desired, folder } = input;
  const { configure: step } = wordsOf(desired.kind);
  const ours = new Set(recordOf(guest, folder.folderId).firewallRules);
  const wanted = wantedRules(desired);
  if (!desired.firewall && ours.size === 0) return NO_WORK;
  const file = parseFirewallFile(guest.firewall ?? '');
  const before = sectionLines(file, 'RULES');
  const rules = placeRules(before, wanted, ours);
  const options = wantedOptions(desired).filter(
    ([name, value]) => (readFirewallOption(file, name) ?? DEFAULTS.get(name)) !== value,
  );
  if (options.length === 0 && rules === before) return NO_WORK;
  const optioned = withOptions(file, options);
  const content = printFirewallFile(rules === before ? optioned : withSection(optioned, 'RULES', rules));
  const write: WriteOperation = {
    op: 'write',
    target: guest.vmid,
    step,
    changes: ['firewall'],
    gates: [],
    in: 'node',
    path: firewallPath(guest.vmid),
    content,
  };
  return {
    ...NO_WORK,
    changes: [
      {
        target: guest.vmid,
        step,
        attribute: 'firewall',
        before: guest.firewall === undefined ? undefined : describe(file, before),
        after: describe(parseFirewallFile(content), rules),
        effect: 'live',
      },
    ],
    operations: [write],
  };
}

/** The folder's rules as Proxmox prints them. */
export function wantedRules({ firewall }: DesiredGuest): readonly string[] {
  return [...new Set((firewall?.rules ?? []).map((rule) => normalizeRule(printFirewallRule(rule))))];
}

function wantedOptions({ firewall }: DesiredGuest): readonly (readonly [string, string])[] {
  if (!firewall) return [];
  const { enabled, inputPolicy, outputPolicy } = firewall;
  return [
    ['enable', enabled ? '1' : '0'] as const,
    ...(inputPolicy === undefined ? [] : [['policy_in', inputPolicy] as const]),
    ...(outputPolicy === undefined ? [] : [['policy_out', outputPolicy] as const]),
  ];
}

/** What Proxmox takes where a guest's file doesn't say it. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([['enable', '0']]);

function describe(file: FirewallFile, lines: readonly string[]): string {
  const isEnabled = readFirewallOption(file, 'enable') === '1';
  const count = lines.filter((line) => /^\s*[^#\s]/.test(line)).length;
  return `${isEnabled ? 'enabled' : 'disabled'}, ${count} ${count === 1 ? 'rule' : 'rules'}`;
}
