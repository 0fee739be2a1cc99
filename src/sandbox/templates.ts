import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, runCommand } from './command.ts';
import { TEMPLATE_SCRIPT } from './template-script.ts';
import { type TemplateSource, templateSource } from './template-source.ts';

/** Where a template's archive in the cache came from. */
export type TemplateOrigin = {
  readonly origin: 'downloaded' | 'built' | 'replaced';
  /** What it really holds, for people: `Debian bookworm`. */
  readonly content: string;
};

/**
 * Brings a template's archive into the cache: downloaded where Proxmox's mirror answers, built with
 * debootstrap otherwise. One that can't be built is replaced by Debian 12, and the origin says so.
 * Runs where the sandbox's disk is mounted at `workFolder`.
 */
export async function provideTemplate(
  name: string,
  folders: { readonly cache: string; readonly work: string },
  onOutput: (text: string) => void,
): Promise<TemplateOrigin> {
  const known = await templateOrigin(name, folders.cache);
  if (known !== undefined) return known;
  await mkdir(folders.cache, { recursive: true });
  const partial = join(folders.cache, `.${name}.partial`);
  const origin =
    (await download(name, partial, onOutput)) ?? (await build(name, partial, folders.work, onOutput));
  await writeFile(join(folders.cache, `${name}.origin.json`), `${JSON.stringify(origin)}\n`);
  await rename(partial, join(folders.cache, name));
  return origin;
}

/** The origin of an archive that is in the cache; undefined where it is not. */
export async function templateOrigin(name: string, cache: string): Promise<TemplateOrigin | undefined> {
  try {
    await stat(join(cache, name));
    return JSON.parse(await readFile(join(cache, `${name}.origin.json`), 'utf8')) as TemplateOrigin;
  } catch {
    return undefined;
  }
}

/**
 * How a template is made on this machine. Without Ubuntu's keys its packages can't be told from
 * forged ones, so it is replaced.
 */
export async function availableSource(name: string): Promise<TemplateSource> {
  const source = templateSource(name);
  if (source.distribution !== 'ubuntu' || (await hasUbuntuKeys())) return source;
  return { distribution: 'debian', suite: 'bookworm', isReplacement: true };
}

export async function hasUbuntuKeys(): Promise<boolean> {
  return stat('/usr/share/keyrings/ubuntu-archive-keyring.gpg').then(
    () => true,
    () => false,
  );
}

async function download(
  name: string,
  partial: string,
  onOutput: (text: string) => void,
): Promise<TemplateOrigin | undefined> {
  const url = `http://download.proxmox.com/images/system/${encodeURIComponent(name)}`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(4000), method: 'HEAD' });
    if (!answer.ok) return undefined;
    onOutput(`downloading ${url}\n`);
    const { writeStream } = await import('./write-stream.ts');
    await writeStream((await fetch(url)).body, partial);
    return { origin: 'downloaded', content: name };
  } catch {
    await rm(partial, { force: true });
    return undefined;
  }
}

async function build(
  name: string,
  partial: string,
  workFolder: string,
  onOutput: (text: string) => void,
): Promise<TemplateOrigin> {
  const source = await availableSource(name);
  const content = `${source.distribution === 'ubuntu' ? 'Ubuntu' : 'Debian'} ${source.suite}`;
  onOutput(`building ${name} with debootstrap (${content}); this is done once\n`);
  await mkdir(workFolder, { recursive: true });
  const { aptConf, mirror } = await aptSettings(source.distribution);
  await mustRun(
    [
      'sh',
      '-c',
      TEMPLATE_SCRIPT,
      'template',
      source.distribution,
      source.suite,
      mirror,
      workFolder,
      partial,
      name,
    ],
    { stdin: aptConf, onOutput: (_, text) => onOutput(text), env: await proxies() },
  );
  return { origin: source.isReplacement ? 'replaced' : 'built', content };
}

/** How this machine's own apt reaches its mirror: a guest's must do the same. */
async function aptSettings(distribution: string): Promise<{ aptConf: string; mirror: string }> {
  const { stdout } = await runCommand(['apt-config', 'dump']);
  const kept = stdout.split('\n').filter((line) => /^Acquire::(Check-|https?::|Retries)/.test(line));
  const indextargets = await runCommand([
    'apt-get', 'indextargets', '--format', '$(SITE)', `Origin: ${distribution === 'ubuntu' ? 'Ubuntu' : 'Debian'}`,
  ]); // prettier-ignore
  const site = indextargets.stdout
    .split('\n')
    .find((line) => line.startsWith('http://') && !line.includes('security'));
  const fallback =
    distribution === 'ubuntu' ? 'http://archive.ubuntu.com/ubuntu' : 'http://deb.debian.org/debian';
  return { aptConf: kept.map((line) => `${line}\n`).join(''), mirror: site?.replace(/\/$/, '') ?? fallback };
}

async function proxies(): Promise<Record<string, string>> {
  const { stdout } = await runCommand(['apt-config', 'shell', 'http_proxy', 'Acquire::http::Proxy']);
  const value = /^http_proxy='(http[^']+)'/m.exec(stdout)?.[1];
  return value === undefined ? {} : { http_proxy: value };
}
