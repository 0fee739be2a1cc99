import type { DesiredHealthCheck } from '../../model/desired.ts';
import type { RawGuest } from '../raw-guest.ts';
import type { HealthCheckConfig } from '../schema/health-check.ts';
import { prepareScript, reportAsset } from '../script-text.ts';
import type { NormaliseContext } from './guest-common.ts';

type Place = readonly (string | number)[];

/** `health_check` and `health_checks` as probes. */
export function healthChecksOf(guest: RawGuest, context: NormaliseContext): readonly DesiredHealthCheck[] {
  const { health_check, health_checks } = guest.config;
  const declared: { check: HealthCheckConfig; path: Place }[] = [];
  if (health_check) declared.push({ check: health_check, path: ['health_check'] });
  for (const [index, check] of (health_checks ?? []).entries()) {
    declared.push({ check, path: ['health_checks', index] });
  }
  return declared.flatMap(({ check, path }) => {
    const probe = probeOf(guest, check, path, context);
    if (!probe) return [];
    return [
      {
        name: check.name ?? titleOf(check),
        probe,
        retries: Number(check.retries ?? 3),
        intervalMs: 1000 * Number(check.interval_seconds ?? check.interval ?? 5),
        timeoutMs: 1000 * (check.timeout_seconds ?? 10),
      },
    ];
  });
}

function probeOf(
  guest: RawGuest,
  check: HealthCheckConfig,
  path: Place,
  context: NormaliseContext,
): DesiredHealthCheck['probe'] | undefined {
  const { findings } = context;
  const kinds = PROBES.filter((kind) => check[kind] !== undefined);
  if (kinds.length !== 1) {
    findings.add(kinds.length === 0 ? 'check-without-probe' : 'check-with-two-probes', {
      summary:
        kinds.length === 0
          ? 'A health check says nothing to check'
          : 'A health check has more than one probe',
      ...(kinds.length > 1 && { detail: `It has ${kinds.join(' and ')}.` }),
      position: guest.keyAt(...path),
      target: guest.vmid,
    });
    return undefined;
  }
  if (check.command !== undefined) {
    const argv = typeof check.command === 'string' ? ['/bin/sh', '-c', check.command] : check.command;
    return { kind: 'command', argv };
  }
  if (check.script !== undefined) return scriptProbe(guest, check, check.script, path, context);
  if (check.http !== undefined) {
    const isOwn = check.http.startsWith(':');
    const host = isOwn ? ownAddress(guest, [...path, 'http'], context) : '';
    if (host === undefined) return undefined;
    return {
      kind: 'http',
      url: isOwn ? `http://${host}${check.http}` : check.http,
      ...(check.expect_status !== undefined && { expectStatus: check.expect_status }),
      ...(check.expect_body !== undefined && { expectBody: check.expect_body }),
    };
  }
  const text = String(check.tcp);
  const colon = text.lastIndexOf(':');
  const host = colon === -1 ? ownAddress(guest, [...path, 'tcp'], context) : text.slice(0, colon);
  return host === undefined ? undefined : { kind: 'tcp', host, port: Number(text.slice(colon + 1)) };
}

const PROBES = ['command', 'script', 'http', 'tcp'] as const;

function scriptProbe(
  guest: RawGuest,
  check: HealthCheckConfig,
  name: string,
  path: Place,
  context: NormaliseContext,
): DesiredHealthCheck['probe'] | undefined {
  const position = guest.at(...path, 'script');
  const answer = context.assets.get('check', name);
  if (!answer.found) {
    reportAsset(answer, { what: 'A health check script', position, target: guest.vmid }, context.findings);
    return undefined;
  }
  const content = prepareScript(answer.found, { guest, findings: context.findings });
  const args =
    typeof check.args === 'string' ? check.args.split(/\s+/).filter((arg) => arg !== '') : check.args;
  return content === undefined ? undefined : { kind: 'script', content, args: args ?? [] };
}

/** The static IPv4 address of the guest's first NIC that has one; a report where there is none. */
function ownAddress(guest: RawGuest, path: Place, context: NormaliseContext): string | undefined {
  const { config } = guest;
  const further = 'network_interfaces' in config ? (config.network_interfaces ?? []) : [];
  const ips = [config.network_config?.ip, ...further.map((nic) => nic.ip)];
  const address = ips.find((ip) => ip?.includes('/'))?.split('/')[0];
  if (address === undefined) {
    context.findings.add('address-unknown', {
      summary: 'A health check needs the address of a guest that has no static one',
      position: guest.at(...path),
      remedy: 'Write the host into it, such as "http://web.lan:8080/", or give the guest a static address.',
      target: guest.vmid,
    });
  }
  return address;
}

function titleOf(check: HealthCheckConfig): string {
  if (typeof check.command === 'string') return check.command.slice(0, 60);
  if (check.command) return check.command.join(' ').slice(0, 60);
  return check.script ?? check.http ?? `tcp ${check.tcp}`;
}
