import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadFolder } from '../../../src/config/load-folder.ts';
import type { Documents } from '../../../src/guest/cloud-init/documents.ts';
import { documentsOf, textsOf, type Described } from '../../guest/cloud-init/documents-of.ts';
import { machines } from '../../guest/cloud-init/random-machines.ts';

const RUNS = Number(process.env['PHOENIX_PROPERTY_RUNS'] ?? 200);
const SEED = Number(process.env['PHOENIX_PROPERTY_SEED'] ?? 20261124);

type Subnet = {
  readonly type: string;
  readonly address: string | null;
  readonly routes: readonly unknown[];
  readonly dns: readonly string[];
  readonly search: readonly string[];
};
type Read = {
  readonly problems: readonly string[];
  readonly parsed: Documents;
  readonly isAppliedAtBoot: boolean;
  readonly isAppliedWithoutUpdates: boolean;
  readonly network: {
    readonly interfaces: readonly {
      readonly name: string;
      readonly mac: string;
      readonly subnets: readonly Subnet[];
    }[];
    readonly eni: string;
    readonly netplan: {
      readonly network: {
        readonly ethernets: Readonly<
          Record<string, { readonly nameservers?: unknown; readonly routes?: readonly unknown[] }>
        >;
      };
    };
  };
};

/** What a program over Debian's own cloud-init answers about documents; all in one process. */
function askCloudInit<Answer>(program: string, documents: readonly Documents[]): readonly Answer[] {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-I', path], {
    input: JSON.stringify(documents.map(textsOf)),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Answer[];
}

test("any machine's documents pass cloud-init's schema and mean to it what they say", () => {
  const drawn = fc.sample(machines, { numRuns: RUNS, seed: SEED });
  const documents = drawn.map(documentsOf);
  const read = askCloudInit<Read>('read-documents.py', documents);
  for (const [at, one] of read.entries()) {
    const [described, wanted] = [drawn[at]!, documents[at]!];
    expect(one.problems).toEqual([]);
    expect(one.parsed).toEqual(JSON.parse(JSON.stringify(wanted)));
    expect(one.isAppliedAtBoot).toBe(true);
    expect(one.isAppliedWithoutUpdates).toBe(false);
    expectAddresses(described, one);
  }
  expect(read).toHaveLength(RUNS);
});

test("every example's machines have documents that pass too", async () => {
  const examples = fileURLToPath(new URL('../../../examples', import.meta.url));
  const documents: Documents[] = [];
  for (const name of readdirSync(examples)) {
    const { folder } = await loadFolder({
      path: join(examples, name),
      env: {},
      cwd: examples,
      builtinFeatures: join(examples, '../features'),
    });
    for (const guest of folder?.guests.values() ?? []) {
      if (guest.kind !== 'vm' || !guest.cloudInit) continue;
      documents.push(documentsOf({ vm: guest, cloudInit: guest.cloudInit }));
    }
  }
  expect(documents.length).toBeGreaterThan(0);
  for (const { problems, isAppliedAtBoot } of askCloudInit<Read>('read-documents.py', documents)) {
    expect(problems).toEqual([]);
    expect(isAppliedAtBoot).toBe(true);
  }
});

/** Every NIC is known by its MAC, has the addresses of the folder, and its gateway; one has the DNS servers. */
function expectAddresses({ vm = {}, cloudInit = {} }: Described, { network }: Read): void {
  const ethernets = Object.values(network.netplan.network.ethernets);
  const servers = cloudInit.nameservers ?? [];
  const search = cloudInit.searchDomain?.split(' ') ?? [];
  expect(ethernets.flatMap(({ nameservers }) => (nameservers === undefined ? [] : [nameservers]))).toEqual(
    servers.length + search.length === 0
      ? []
      : [{ ...(servers.length > 0 && { addresses: servers }), ...(search.length > 0 && { search }) }],
  );
  for (const { slot, ip, ip6, gateway, gateway6 } of vm.nics ?? []) {
    const found = network.interfaces.find(({ mac }) => mac === `02:00:00:00:00:0${slot.slice(3)}`);
    expect(found?.name).toBe(`eth${slot.slice(3)}`);
    const subnets = found?.subnets ?? [];
    const addresses = subnets.map(({ address }) => address);
    for (const fixed of [ip, ip6].filter((one) => one?.includes('/'))) expect(addresses).toContain(fixed);
    const isDhcp = ip === 'dhcp' || (ip === undefined && ip6 === undefined);
    expect(subnets.some(({ type }) => type === 'dhcp4')).toBe(isDhcp);
    expect(subnets.some(({ type }) => type === 'dhcp6')).toBe(ip6 === 'dhcp');
    const routes = subnets.flatMap((subnet) => subnet.routes);
    if (gateway !== undefined) expect(routes).toContainEqual({ network: '0.0.0.0', prefix: 0, gateway });
    // Where it renders for ifupdown, 22.4 takes ::/0 for ::/64; its netplan is right.
    const planned = network.netplan.network.ethernets[`eth${slot.slice(3)}`]?.routes ?? [];
    if (gateway6 !== undefined) expect(planned).toContainEqual({ to: '::/0', via: gateway6 });
    expect(Object.keys(network.netplan.network.ethernets)).toContain(`eth${slot.slice(3)}`);
    expect(network.eni).toContain(`iface eth${slot.slice(3)} `);
  }
}

test('the command `cloud-init schema` takes the user-data, and refuses one that is wrong', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phoenix-cloud-init-'));
  try {
    const check = (text: string) => {
      const path = join(folder, 'user.yaml');
      writeFileSync(path, text);
      const { status, stdout } = spawnSync('/usr/bin/cloud-init', ['schema', '--config-file', path], {
        encoding: 'utf8',
      });
      return { status, stdout: stdout.trim() };
    };
    const { user } = textsOf(documentsOf({ vm: { agent: true } }));
    expect(check(user)).toEqual({ status: 0, stdout: `Valid cloud-config: ${join(folder, 'user.yaml')}` });
    expect(check(`${user}runcmd2: [x]\npackages: 3\n`).status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a changed network is applied at an ordinary boot of the same instance, and a raised generation is a first boot', () => {
  const nics = [{ slot: 'net0', ip: '10.0.0.9/24', gateway: '10.0.0.1' }];
  const documents = (server: string, generation: number, more: Described['cloudInit'] = {}) =>
    documentsOf({
      vm: { nics },
      cloudInit: { nameservers: [server], ...more },
      more: { instance: { generation } },
    });
  const { updates: _, ...silent } = documents('10.0.0.53', 1).user;
  type Boot = {
    readonly instance: string;
    readonly isFirst: boolean;
    readonly network: readonly Documents['network'][];
    readonly hostname: string;
  };
  const told = (boots: readonly Documents[]) =>
    askCloudInit<Boot>('boot-with-documents.py', boots).map(({ instance, isFirst, network, hostname }) => ({
      instance,
      isFirst,
      hostname,
      servers: network.map((one) => (one as Net).ethernets.eth0.nameservers.addresses).flat(),
    }));
  type Net = {
    readonly ethernets: { readonly eth0: { readonly nameservers: { readonly addresses: string[] } } };
  };
  expect(
    told([
      documents('10.0.0.53', 1),
      documents('9.9.9.9', 1, { hostname: 'www' }),
      documents('9.9.9.9', 2, { packages: ['htop'] }),
    ]),
  ).toEqual([
    { instance: 'phoenix-phoenix-8101-1', isFirst: true, hostname: 'web', servers: ['10.0.0.53'] },
    { instance: 'phoenix-phoenix-8101-1', isFirst: false, hostname: 'www', servers: ['9.9.9.9'] },
    { instance: 'phoenix-phoenix-8101-2', isFirst: true, hostname: 'web', servers: ['9.9.9.9'] },
  ]);
  // Without our `updates` it would not be: that is what it is there for.
  expect(
    told([
      { ...documents('10.0.0.53', 1), user: silent },
      { ...documents('9.9.9.9', 1), user: silent },
    ]).map(({ servers }) => servers),
  ).toEqual([['10.0.0.53'], []]);
});
