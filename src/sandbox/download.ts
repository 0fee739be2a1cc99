import { rm } from 'node:fs/promises';

/** Downloads a file; false where its server does not answer within seconds, or does not have it. */
export async function download(
  url: string,
  path: string,
  onOutput: (text: string) => void,
): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(4000), method: 'HEAD' });
    if (!answer.ok) return false;
    onOutput(`downloading ${url}\n`);
    const { writeStream } = await import('./write-stream.ts');
    await writeStream((await fetch(url)).body, path);
    return true;
  } catch {
    await rm(path, { force: true });
    return false;
  }
}
