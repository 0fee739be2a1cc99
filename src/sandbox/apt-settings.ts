import { runCommand } from './command.ts';

/** How this machine's own apt reaches its mirror: a guest's must do the same. */
export async function aptSettings(distribution: string): Promise<{ aptConf: string; mirror: string }> {
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

/** The proxy of this machine's apt as programs take it from their environment. */
export async function proxies(): Promise<Record<string, string>> {
  const { stdout } = await runCommand(['apt-config', 'shell', 'http_proxy', 'Acquire::http::Proxy']);
  const value = /^http_proxy='(http[^']+)'/m.exec(stdout)?.[1];
  return value === undefined ? {} : { http_proxy: value };
}
