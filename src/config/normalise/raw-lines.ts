import type { DesiredIdMap } from '../../model/desired.ts';
import type { Findings } from '../diagnose.ts';
import type { RawContainer } from '../raw-guest.ts';
import { RAW_KEYS } from './raw-keys.ts';

type RawLine = readonly [string, string];

/**
 * The raw `lxc.*` lines of a container: AppArmor's from their own keys, id maps, then `lxc_options`,
 * of which `lxc.cap.keep=a,b` becomes a line each. A line that is there already is left out.
 */
export function rawLinesOf(
  guest: RawContainer,
  idMaps: readonly DesiredIdMap[],
  findings: Findings,
): readonly RawLine[] {
  const lines: RawLine[] = [...apparmorLines(guest, findings)];
  for (const { type, containerId, hostId, size } of idMaps) {
    lines.push(['lxc.idmap', `${type === 'uid' ? 'u' : 'g'} ${containerId} ${hostId} ${size}`]);
  }
  for (const [index, option] of (guest.config.lxc_options ?? []).entries()) {
    const parsed = splitOption(option);
    const position = guest.at('lxc_options', index);
    if (!parsed) {
      findings.add('not-a-raw-line', {
        summary: 'A raw option is no lxc.* line',
        detail: `It is ${JSON.stringify(option)}.`,
        position,
        target: guest.vmid,
      });
      continue;
    }
    reportKey(parsed[0], guest, position, findings);
    for (const line of expand(parsed)) addLine(lines, line, guest, index, findings);
  }
  return lines;
}

/** `k=v`, `k: v`, `k:v`: whichever separator comes first parts it; the value keeps any others. */
function splitOption(option: string): RawLine | undefined {
  const match = /^\s*(lxc\.[A-Za-z0-9_.-]+)\s*[=:]\s*(.*?)\s*$/.exec(option);
  return match?.[1] !== undefined && match[2] !== undefined ? [match[1], match[2]] : undefined;
}

function expand([key, value]: RawLine): readonly RawLine[] {
  if (key !== 'lxc.cap.keep' && key !== 'lxc.cap.drop') return [[key, value]];
  const names = value.split(/[\s,]+/).filter((name) => name !== '');
  return names.length === 0 ? [[key, value]] : names.map((name) => [key, name] as const);
}

function addLine(
  lines: RawLine[],
  line: RawLine,
  guest: RawContainer,
  index: number,
  findings: Findings,
): void {
  const [key, value] = line;
  const position = guest.at('lxc_options', index);
  const isProfile = key === 'lxc.apparmor.profile';
  const same = lines.find(([name, text]) => name === key && (isProfile || text === value));
  if (!same) {
    lines.push(line);
  } else if (same[1] === value) {
    findings.add(isProfile ? 'redundant-value' : 'duplicate-item', {
      summary: isProfile ? 'apparmor_profile says the same already' : 'A raw option stands twice',
      detail: `${key}: ${value}`,
      position,
      target: guest.vmid,
    });
  } else {
    findings.add('conflicting-values', {
      summary: 'apparmor_profile and lxc_options name different profiles',
      detail: `One says ${same[1]}, the other ${value}.`,
      position,
      target: guest.vmid,
    });
  }
}

function apparmorLines(guest: RawContainer, findings: Findings): readonly RawLine[] {
  const { apparmor_profile: profile, apparmor_manages_nesting: nesting, lxc_options } = guest.config;
  const isConfined = profile !== undefined && profile !== 'unconfined';
  if (nesting === true && !isConfined) {
    const sets = lxc_options?.some((option) =>
      /^\s*lxc\.apparmor\.profile\s*[=:]\s*(?!unconfined)/.test(option),
    );
    if (!sets) {
      findings.add('no-effect', {
        summary: 'apparmor_manages_nesting has no effect without a profile',
        position: guest.keyAt('apparmor_manages_nesting'),
        remedy: 'Name a profile in apparmor_profile, or remove the key.',
        target: guest.vmid,
      });
    }
  }
  if (profile === undefined) return [];
  const line: RawLine = ['lxc.apparmor.profile', profile];
  if (!isConfined || nesting !== true) return [line];
  return [line, ['lxc.apparmor.allow_nesting', '1'], ['lxc.include', '/usr/share/lxc/config/nesting.conf']];
}

function reportKey(
  key: string,
  guest: RawContainer,
  position: ReturnType<RawContainer['at']>,
  findings: Findings,
): void {
  const owner = OWNED[key];
  if (owner !== undefined) {
    findings.add('conflicting-values', {
      summary: 'Proxmox writes this raw option itself',
      detail: `${key} follows from ${owner}.`,
      position,
      remedy: `Remove it and set ${owner}.`,
      target: guest.vmid,
    });
  } else if (
    !RAW_KEYS.has(key) &&
    !/^lxc\.(?:cgroup2?|prlimit|sysctl|net|hook|environment|mount|seccomp|log|start|namespace|proc)\b/.test(
      key,
    )
  ) {
    findings.add('unknown-raw-key', {
      summary: 'Proxmox does not know this raw option',
      detail: `It drops lines whose key it does not know, and ${key} is such a key.`,
      position,
      target: guest.vmid,
    });
  }
}

const OWNED: Readonly<Record<string, string>> = {
  'lxc.uts.name': 'name',
  'lxc.utsname': 'name',
  'lxc.rootfs.path': 'storage_pool',
  'lxc.rootfs': 'storage_pool',
};
