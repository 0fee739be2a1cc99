import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

/** Writes what an HTTP answer brings into a file. */
export async function writeStream(body: unknown, path: string): Promise<void> {
  if (body === null) throw new Error('the answer has no body');
  await pipeline(Readable.fromWeb(body as ReadableStream), createWriteStream(path));
}
