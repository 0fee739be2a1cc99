import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aptSettings, proxies } from './apt-settings.ts';
import { mustRun } from './command.ts';
import { download } from './download.ts';
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
  const url = `http://download.proxmox.com/images/system/${encodeURIComponent(name)}`;
  const origin: TemplateOrigin = (await download(url, partial, onOutput))
    ? { origin: 'downloaded', content: name }
    : await build(name, partial, folders.work, onOutput);
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
