import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operationsOf, resultsOf } from './events.ts';
import { type Place, openPlace, succeeded } from './open-place.ts';

const NODE_FILE = '/etc/of-the-node';
const NODE_TEXT = 'only-the-node-may-know-this';
const RECORD = '/var/lib/phoenix/record.json';

let place: Place;
beforeAll(async () => {
  place = await openPlace('quickstart');
  await place.edit(({ 101: guest }) => Object.assign(guest ?? {}, { features: [], health_checks: [] }));
  await writeFile(join(place.config, 'scripts/hello.sh'), '#!/bin/sh\necho run >>/root/runs\n');
  succeeded(['create'], await place.phoenix(['create', '101']));
  await place.must('sh', '-c', `echo ${NODE_TEXT} >${NODE_FILE}`);
});
afterAll(() => place.dispose());

const inside = (program: string) =>
  place.must('lxc-attach', '-n', '101', '--clear-env', '--set-var', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', '--', 'sh', '-c', program); // prettier-ignore

/** What Phoenix must leave alone, whatever a container does. */
async function ofTheNode(): Promise<string> {
  return place.must('sh', '-c', `cat ${NODE_FILE}; stat -c '%a %u %i %Y' ${NODE_FILE}; ls /etc | sort; sha256sum /etc/pve/lxc/101.conf /etc/shadow`); // prettier-ignore
}

/** Lets every verb that reads the record see it; gives what they all printed. */
async function everyVerb(): Promise<{ readonly codes: readonly number[]; readonly text: string }> {
  const runs = [];
  for (const argv of [
    ['status'],
    ['plan'],
    ['create', '101', '--json', '--verbose'],
    ['create', '101', '--json'],
  ])
    runs.push(await place.phoenix(argv));
  return {
    codes: runs.map(({ code }) => code),
    text: runs.map(({ stdout, stderr }) => stdout + stderr).join(''),
  };
}

describe('a record in a container', () => {
  test.each([
    ['is a link to a file of the node', `ln -sf ${NODE_FILE} ${RECORD}`],
    ['is a link that climbs out', `ln -sf ../../../../../..${NODE_FILE} ${RECORD}`],
    ['is a link to a process’s file', `ln -sf /proc/1/root${NODE_FILE} ${RECORD}`],
    ['is a pipe', `mkfifo ${RECORD}`],
    ['is huge', `truncate -s 20G ${RECORD}`],
    ['is noise', `head -c 60000 /dev/urandom >${RECORD}`],
    ['is deep', `head -c 60000 /dev/zero | tr '\\0' '[' >${RECORD}`],
    [
      'looks like an observation',
      `printf 'x\\nend\\nphoenix-observation 1\\nnode\\tevil\\n=\\tx\\nrecord\\t101\\tread\\n' >${RECORD}`,
    ],
    ['is of another version', `echo '{"features":{},"scripts":{},"more":1}' >${RECORD}`],
    ['may not be read', `mv ${RECORD}.kept ${RECORD}; chmod 0 ${RECORD}`],
  ])('that %s does no harm, and is made anew', async (_, damage) => {
    const before = await ofTheNode();
    await inside(`mv ${RECORD} ${RECORD}.kept; ${damage}`);
    const began = Date.now();
    const { codes, text } = await everyVerb();
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(codes, text).toEqual([0, 0, 0, 0]);
    expect(text).not.toContain(NODE_TEXT);
    expect(text).not.toMatch(/\n {4}at /);
    expect(await ofTheNode()).toBe(before);
    expect(JSON.parse(await inside(`cat ${RECORD}`))).toMatchObject({
      scripts: { 'hello.sh': expect.any(String) },
    });
    const again = await place.phoenix(['create', '101', '--json']);
    expect(operationsOf(again.stdout)).toEqual([]);
    expect(resultsOf(again.stdout)).toEqual({ 101: 'unchanged' });
  });

  test.each([
    ['is a folder', `rm -f ${RECORD}; mkdir ${RECORD}`],
    ['stands in a folder that is a link', 'mv /var/lib/phoenix /var/lib/away; ln -s /etc /var/lib/phoenix'],
    ['stands in a file', 'mv /var/lib/phoenix /var/lib/away; echo x >/var/lib/phoenix'],
  ])('that %s does no harm, and the next run is well once it is gone', async (_, damage) => {
    const before = await ofTheNode();
    await inside(damage);
    const { codes, text } = await everyVerb();
    for (const code of codes) expect([0, 1]).toContain(code);
    expect(text).not.toContain(NODE_TEXT);
    expect(text).not.toMatch(/\n {4}at /);
    expect(await ofTheNode()).toBe(before);
    await inside('rm -rf /var/lib/phoenix; rm -rf /var/lib/away');
    succeeded(['create'], await place.phoenix(['create', '101']));
  });
});
