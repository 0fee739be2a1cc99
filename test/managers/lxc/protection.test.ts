import { describe, expect, test } from 'vitest';
import { applyConfigurations } from '../../../src/managers/lxc/apply-configurations.ts';
import { validateInputs } from '../../../src/managers/lxc/validate-inputs.ts';
import type { DesiredContainer } from '../../../src/model/desired.ts';
import { ask, codes, commands, guest, MINIMAL, record, TEMPLATE, wanted } from '../given.ts';
import { converge, done, lab, problems } from '../on-twin.ts';

const VOLUME = { storage: 'local', sizeGiB: 1, path: '/data' };
const PROTECTED = `${MINIMAL}protection: 1\n`;
const WITH_VOLUME = `${PROTECTED}mp0: local:8101/vm-8101-disk-1.raw,mp=/data,size=1G\n`;

describe('a protected container whose drives must change', () => {
  test.each<[string, Partial<DesiredContainer>, string]>([
    ['a volume more', { volumes: [VOLUME] }, PROTECTED],
    ['a directory more', { mounts: [{ hostPath: '/srv', path: '/s' }], protection: true }, PROTECTED],
    ['a volume read-only', { volumes: [{ ...VOLUME, readOnly: true }] }, WITH_VOLUME],
  ])('%s: is refused before anything is touched', (_, desired, text) => {
    const answer = ask(validateInputs, { desired, guest: guest(text) });
    expect(codes(answer)).toEqual(['lxc/protected']);
    expect(answer.diagnostics[0]?.remedy).toContain('pct set 8101 --protection 0');
  });

  test.each<[string, Partial<DesiredContainer>, string]>([
    ['nothing of them differs', { volumes: [VOLUME] }, WITH_VOLUME],
    ['a disk only grows', { volumes: [{ ...VOLUME, sizeGiB: 2 }], rootfsGiB: 2 }, WITH_VOLUME],
    ['the folder takes the protection off', { volumes: [VOLUME], protection: false }, PROTECTED],
    ['it is not protected yet', { volumes: [VOLUME], protection: true }, MINIMAL],
  ])('%s: is not', (_, desired, text) => {
    expect(codes(ask(validateInputs, { desired, guest: guest(text) }))).toEqual([]);
  });

  test('a volume that may not be detached is left, and no error', () => {
    const found = guest(WITH_VOLUME, { nodeRecord: record({ mounts: ['/data'] }) });
    const answer = ask(applyConfigurations, { guest: found });
    expect([codes(answer), commands(answer)]).toEqual([[], []]);
    expect(codes(ask(applyConfigurations, { guest: found, allow: ['detaches-volume'] }))).toEqual([
      'lxc/protected',
    ]);
  });
});

describe('on a node', () => {
  const base = wanted({ template: `local:vztmpl/${TEMPLATE}`, storage: 'local', rootfsGiB: 1 });

  test('the protection goes first, the drives follow; it comes back with the next folder', async () => {
    const place = lab();
    await converge(place, [{ ...base, protection: true }]);
    const without = { ...base, protection: false, volumes: [VOLUME], rootfsGiB: 2 };
    const result = await converge(place, [without], { allow: ['restart'] });
    expect(problems(result)).toEqual([]);
    expect(done(result)).toEqual([
      "pct set 8101 --protection 0 --digest '<digest of 8101>'",
      'pct resize 8101 rootfs 2G',
      "pct set 8101 --mp0 local:1,mp=/data --digest '<digest of 8101>'",
    ]);
    const again = { ...without, protection: true, volumes: [VOLUME, { ...VOLUME, path: '/more' }] };
    expect(problems(await converge(place, [again]))).toEqual([]);
    expect(done(await converge(place, [again]))).toEqual([]);
  });

  test.each([undefined, true])(
    'a clone of a protected container gets its own drives, protection %s',
    async (protection) => {
      const place = lab();
      const golden = { ...base, vmid: 8100, name: 'golden', protection: true };
      const source = { ...golden, storage: 'local-btrfs', templateSnapshotName: 'clean' };
      const clone = wanted({
        cloneFrom: { vmid: 8100, snapshot: 'clean' },
        storage: 'local-btrfs',
        volumes: [{ ...VOLUME, storage: 'local-btrfs' }],
        ...(protection && { protection }),
      });
      const result = await converge(place, [source, clone]);
      expect(problems(result)).toEqual([]);
      expect(result?.targets.map(({ result: how }) => how)).toEqual(['changed', 'changed']);
      const text = place.world.files['/etc/pve/nodes/vm/lxc/8101.conf']?.text;
      expect(text).toContain('mp=/data');
      expect(text?.includes('protection: 1')).toBe(protection === true);
      expect(done(await converge(place, [source, clone]))).toEqual([]);
    },
  );
});
