import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answeringProgram, runScript } from './run-script.ts';

const FIXTURES = path.join(import.meta.dirname, 'fixtures/nvidia');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'phoenix-nvidia-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Guest = {
  readonly version?: string;
  readonly devices?: readonly string[];
  readonly smi?: { text: string; code?: number };
  readonly gpus?: unknown;
};

/** Runs the check in a pretended guest; a device node is a link to a real one. */
function check({ version, devices = ['nvidia0', 'nvidiactl', 'nvidia-uvm'], smi, gpus = '0' }: Guest) {
  const proc = path.join(folder, 'proc');
  const dev = path.join(folder, 'dev');
  mkdirSync(proc);
  mkdirSync(dev);
  if (version) cpSync(path.join(FIXTURES, version), path.join(proc, 'version'));
  for (const device of devices) symlinkSync('/dev/null', path.join(dev, device));
  if (smi) answeringProgram(path.join(folder, 'bin'), 'nvidia-smi', smi);
  const inputs = path.join(folder, 'inputs.json');
  writeFileSync(inputs, JSON.stringify({ nvidia_driver_version: '1.2', gpu_assignment: gpus }, null, 2));
  return runScript('nvidia/check', {
    programs: path.join(folder, 'bin'),
    env: { PHOENIX_NVIDIA_PROC: proc, PHOENIX_NVIDIA_DEV: dev, PHOENIX_INPUTS: inputs },
  });
}

function fixture(name: string): string {
  return readFileSync(path.join(FIXTURES, name), 'utf8');
}

describe('equal drivers pass', () => {
  test.each([
    ['version-closed.txt', '580.173.02'],
    ['version-open.txt', '565.57.01'],
    ['version-open-undated.txt', '525.60.11'],
  ])('%s', (version, driver) => {
    expect(check({ version, smi: { text: `${driver}\n` } })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each([['0, 1'], ['0,1'], [[0, 1]]])('of two GPUs, assigned as %j', (gpus) => {
    const devices = ['nvidia0', 'nvidia1', 'nvidiactl', 'nvidia-uvm'];
    const smi = { text: '565.57.01\n565.57.01\n' };
    expect(check({ version: 'version-open.txt', devices, smi, gpus }).code).toBe(0);
  });

  test('of the GPU 1 alone', () => {
    const devices = ['nvidia1', 'nvidiactl', 'nvidia-uvm'];
    expect(check({ version: 'version-open.txt', devices, smi: { text: '565.57.01\n' }, gpus: 1 }).code).toBe(
      0,
    );
  });
});

describe('what is wrong is said', () => {
  const smi = { text: '580.173.02\n' };
  test.each<[string, Guest, string]>([
    ['no driver on the node', {}, 'no NVIDIA driver is loaded on the node'],
    [
      'no GPU',
      { version: 'version-closed.txt', smi, devices: ['nvidiactl', 'nvidia-uvm'] },
      'nvidia0: the GPU 0 is not passed',
    ],
    [
      'a second GPU missing',
      { version: 'version-closed.txt', smi, gpus: '0, 1' },
      'nvidia1: the GPU 1 is not passed',
    ],
    [
      'no uvm',
      { version: 'version-closed.txt', smi, devices: ['nvidia0', 'nvidiactl'] },
      'nvidia-modprobe -u -c=0',
    ],
    ['no nvidia-smi', { version: 'version-closed.txt' }, 'nvidia-smi is not installed'],
    [
      'another version',
      { version: 'version-open.txt', smi },
      "here is 580.173.02, the host's kernel driver is 565.57.01",
    ],
    [
      'a library of another version',
      { version: 'version-closed.txt', smi: { text: fixture('smi-mismatch.txt'), code: 18 } },
      "is not the host's (580.173.02)",
    ],
    [
      'a driver out of reach',
      { version: 'version-closed.txt', smi: { text: fixture('smi-no-driver.txt'), code: 9 } },
      'missing device node or cgroup rule',
    ],
  ])('%s', (_, guest, said) => {
    const ran = check(guest);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(said);
  });
});

test('install stops where no driver is loaded', () => {
  const ran = runScript('nvidia/install', { env: { PHOENIX_NVIDIA_PROC: folder } });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('gpu_assignment');
});
