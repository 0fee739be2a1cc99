import { expect, test } from 'vitest';
import type { DesiredFeature } from '../../src/model/desired.ts';
import { withoutGpus } from '../../src/sandbox/without-gpus.ts';
import { container, folderOf, machine } from '../cli/folder.ts';

const CAPS = ['lxc.mount.entry', '/dev/nvidia-caps dev/nvidia-caps none bind,optional,create=dir'] as const;
const FUSE = ['lxc.mount.entry', '/dev/fuse dev/fuse none bind,create=file'] as const;
const feature = (name: string): DesiredFeature => ({
  name,
  needs: [],
  digest: 'd',
  options: {},
  inputs: {},
  check: '',
  install: '',
  files: {},
  timeoutMs: 1,
});

test('leaves out GPUs, their device nodes and their driver, and says of which guests', () => {
  const whole = folderOf(
    container(101, { gpus: [0, 1], features: [feature('base_setup'), feature('nvidia')] }),
    container(102, { features: [feature('nvidia')] }),
    container(103, { rawLines: [CAPS, FUSE] }),
    container(104, { devices: [{ path: '/dev/nvidia0' }, { path: '/dev/dri/card0' }] }),
    container(105, { rawLines: [FUSE] }),
    machine(106),
  );
  const { folder, notices } = withoutGpus(whole);
  expect([...folder.guests]).toEqual([
    [101, container(101, { features: [feature('base_setup')] })],
    [102, container(102)],
    [103, container(103, { rawLines: [FUSE] })],
    [104, container(104, { devices: [{ path: '/dev/dri/card0' }] })],
    [105, container(105, { rawLines: [FUSE] })],
    [106, machine(106)],
  ]);
  expect(notices.map(({ code, summary }) => [code, summary])).toEqual([
    ['sandbox/no-gpu', 'the sandbox has no GPUs: left out of 101, 102, 103, 104'],
  ]);
});

test('a folder without GPUs is as it was', () => {
  const whole = folderOf(container(101, { rawLines: [FUSE] }), machine(102));
  expect(withoutGpus(whole)).toEqual({ folder: whole, notices: [] });
});
