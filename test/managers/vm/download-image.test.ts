import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DOWNLOAD_IMAGE } from '../../../src/managers/vm/download-image.ts';

const IMAGE = Buffer.from('not really a disk\n'.repeat(4000));
const digest = (algorithm: string): string => createHash(algorithm).update(IMAGE).digest('hex');
const WRONG = 'f'.repeat(64);

let server: Server;
let url = '';
let lists: Readonly<Record<string, string>> = {};
let isCutShort = false;
let requests: string[] = [];
let folder = '';

beforeAll(async () => {
  server = createServer(({ url: path = '' }, response) => {
    requests.push(path);
    const list = lists[path];
    if (path === '/disk.raw') {
      response.writeHead(200, { 'content-length': IMAGE.length });
      if (!isCutShort) response.end(IMAGE);
      else response.write(IMAGE.subarray(0, 1000), () => response.destroy());
    } else if (list !== undefined) response.end(list);
    else response.writeHead(404).end('no such page');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'phoenix-image-'));
  [requests, lists, isCutShort] = [[], {}, false];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type End = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function download(asked: { sha256?: string; list?: string; from?: string } = {}): Promise<End> {
  const { sha256 = '', list = '', from = '/disk.raw' } = asked;
  const words = [
    join(folder, 'import', 'disk.raw'),
    `${url}${from}`,
    sha256,
    list === '' ? '' : `${url}${list}`,
  ];
  return await new Promise((resolve) => {
    const child = execFile(
      'sh',
      ['-c', DOWNLOAD_IMAGE, 'download-image', ...words],
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

const files = (): readonly string[] => readdirSync(join(folder, 'import'));
const isThere = (): void => {
  expect(files()).toEqual(['disk.raw']);
  expect(readFileSync(join(folder, 'import', 'disk.raw')).equals(IMAGE)).toBe(true);
};

describe('an image is put in its place whole and checked', () => {
  test('by its own checksum, in either case', async () => {
    expect((await download({ sha256: digest('sha256').toUpperCase() })).code).toBe(0);
    isThere();
  });

  test.each([
    ['SHA-256, binary mode', () => `${WRONG} *other.raw\n${digest('sha256')} *disk.raw\n`],
    ['SHA-512 without a line end', () => `${digest('sha512')}  disk.raw`],
  ])('by the list beside it: %s', async (_, text) => {
    lists = { '/SUMS': text() };
    const end = await download({ list: '/SUMS' });
    expect(end).toMatchObject({ code: 0, stderr: '' });
    isThere();
  });

  test.each([
    ['its own', { sha256: WRONG }],
    ['the list', { list: '/SUMS' }],
  ])('one that is not what %s says is not kept', async (_, asked) => {
    lists = { '/SUMS': `${WRONG} *disk.raw\n` };
    const end = await download(asked);
    expect(end.code).toBe(1);
    expect(end.stderr).toContain(`its checksum is ${digest('sha256')} and must be ${WRONG}`);
    expect(files()).toEqual([]);
  });

  test.each([
    ['has nothing of it', '/SUMS', 'has no checksum of disk.raw'],
    ['is not there', '/NONE', 'could not be downloaded'],
  ])('a list that %s is a warning', async (_, list, said) => {
    lists = { '/SUMS': `${WRONG} *other.raw\n` };
    const end = await download({ list });
    expect(end.code).toBe(0);
    expect(end.stderr).toMatch(/^warning: |\nwarning: /);
    expect(end.stderr).toContain(said);
    isThere();
  });
});

describe('what is not the image', () => {
  test('a page that is missing is not taken for it', async () => {
    const end = await download({ from: '/gone.raw' });
    expect(end.code).toBe(1);
    expect(end.stderr).toContain('/gone.raw could not be downloaded');
    expect(files()).toEqual([]);
  });

  test(
    'a download that is cut short is no image, and the next one begins anew',
    { timeout: 60_000 },
    async () => {
      isCutShort = true;
      expect((await download()).code).toBe(1);
      expect(files()).toEqual([]);
      isCutShort = false;
      writeFileSync(join(folder, 'import', '.phoenix-disk.raw.Ab12Cd'), 'left by one that was killed');
      expect((await download({ sha256: digest('sha256') })).code).toBe(0);
      isThere();
    },
  );

  test('one that is there stays as it is, and nothing is asked for', async () => {
    await download();
    writeFileSync(join(folder, 'import', 'disk.raw'), 'mine');
    requests = [];
    expect((await download({ sha256: WRONG })).code).toBe(0);
    expect([readFileSync(join(folder, 'import', 'disk.raw'), 'utf8'), requests]).toEqual(['mine', []]);
  });
});
