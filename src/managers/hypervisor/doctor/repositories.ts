import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { Observation } from '../../../model/observation.ts';
import type { ObservedRepository } from '../../../model/observed-host.ts';
import { finding } from './finding.ts';

/** Package repositories that can't answer, are missing, or are of another release. */
export function repositoryFindings({ host, hasProxmox }: Observation): readonly Diagnostic[] {
  const system = host?.system;
  const found = host?.repositories;
  if (!hasProxmox || !system || !found) return [];
  const enabled = found.filter((entry) => entry.enabled && entry.types.includes('deb'));
  const enterprise = enabled.filter(({ uris }) =>
    uris.some((uri) => uri.includes('//enterprise.proxmox.com/')),
  );
  const own = enabled.filter(({ components }) =>
    components.some((one) => ['pve-no-subscription', 'pve-enterprise', 'pve-test', 'pvetest'].includes(one)),
  );
  const others = enabled.filter(
    ({ suites, uris }) =>
      system.suite !== '' &&
      uris.some((uri) => /[./](?:debian\.org|proxmox\.com)\//.test(uri)) &&
      suites.some((suite) => SUITES.includes(suite.split('-')[0] ?? '') && !suite.startsWith(system.suite)),
  );
  return [
    ...(enterprise.length > 0 && !system.hasSubscription ? [withoutSubscription(enterprise)] : []),
    ...(own.length === 0 ? [NONE] : []),
    ...(others.length > 0 ? [otherRelease(others, system.suite)] : []),
  ];
}

const SUITES = ['buster', 'bullseye', 'bookworm', 'trixie', 'forky'];

function namesOf(entries: readonly ObservedRepository[]): string {
  return entries
    .map(({ file, suites, components }) => `${file}: ${suites.join(' ')} ${components.join(' ')}`)
    .join('\n');
}

function withoutSubscription(entries: readonly ObservedRepository[]): Diagnostic {
  return finding('warning', 'enterprise-without-subscription', {
    summary: 'Enterprise repositories are on, and there is no subscription: every "apt-get update" fails',
    detail: namesOf(entries),
    remedy: 'Let Phoenix switch to the free ones:\n    phoenix setup system',
  });
}

const NONE = finding('warning', 'no-repository', {
  summary: 'No package repository of Proxmox VE is on: the host gets no updates',
  remedy: 'Let Phoenix switch one on:\n    phoenix setup system',
});

function otherRelease(entries: readonly ObservedRepository[], suite: string): Diagnostic {
  return finding('error', 'repository-of-another-release', {
    summary: `Package repositories are of another release than the host, which is ${suite}`,
    detail: `${namesOf(entries)}\nAn upgrade would mix releases.`,
    remedy: 'Correct the suites by hand, or finish the upgrade to that release.',
  });
}
