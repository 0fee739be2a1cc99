import { refuses, type HostTool } from './tool.ts';

/**
 * `apt-get update|install|dist-upgrade`: installs what the world has to offer; where nobody knows what
 * that is, anything. Headers bring the folder that their kernel's modules are built against.
 */
export const aptGet: HostTool = async ({ world, host }, { words }) => {
  const [command, ...names] = wordsOf(words);
  const state = world.host;
  if (command === 'update') {
    if (state.isOffline === true) return refuses('E: Failed to fetch http://download.proxmox.com', 100);
    return {};
  }
  if (command !== 'install') return {};
  const offered = (name: string): string | undefined => (state.available ? state.available[name] : 'unknown');
  const unknown = names.filter((name) => state.packages[name] === undefined && offered(name) === undefined);
  if (unknown.length > 0) {
    return refuses(unknown.map((name) => `E: Unable to locate package ${name}`).join('\n'), 100);
  }
  for (const name of names) {
    // Packages are unpacked one after another, and a run may be cut short between two.
    await host.sleep(500);
    state.packages[name] ??= offered(name) ?? 'unknown';
    const kernel = /^(?:proxmox|pve|linux)-headers-(\d.*)$/.exec(name)?.[1];
    if (kernel !== undefined && !state.headers.includes(kernel)) state.headers.push(kernel);
  }
  return {};
};

/** The command and the names, options and their values left out. */
function wordsOf(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => !word.startsWith('-') && words[index - 1] !== '-o');
}
