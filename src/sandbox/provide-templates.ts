import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import { mustRun } from './command.ts';
import { rootPath, spawnPrefix } from './inside.ts';
import { INSIDE, type Layout } from './layout.ts';
import type { SandboxNeeds } from './needs.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { existsInside } from './provision.ts';
import { templateSource } from './template-source.ts';
import { availableSource, templateOrigin } from './templates.ts';

/**
 * Puts the templates that a folder names by their path where it expects them. The others come when
 * `pveam download` asks.
 */
export async function provideTemplates(
  holder: ProcessIdentity,
  layout: Layout,
  needs: SandboxNeeds,
  nodePath: string,
  onProgress: (text: string) => void,
): Promise<void> {
  for (const { name, path } of needs.templates) {
    if (path === undefined || (await existsInside(holder, path))) continue;
    onProgress(`providing template ${name}`);
    const onOutput = { onOutput: (_: string, text: string) => onProgress(text.trimEnd()) };
    const tool = join(INSIDE.root, 'sandbox-tool.cjs');
    await mustRun([...spawnPrefix(holder), nodePath, tool, 'provide-template', name], onOutput);
    const target = join(rootPath(holder), path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(layout.cache, name), target);
  }
}

/** A notice for every template that is not what its name says. */
export async function templateNotices(layout: Layout, needs: SandboxNeeds): Promise<Diagnostic[]> {
  const notices: Diagnostic[] = [];
  for (const { name } of needs.templates) {
    const known = await templateOrigin(name, layout.cache);
    const isReplaced =
      known === undefined ? (await availableSource(name)).isReplacement : known.origin === 'replaced';
    if (isReplaced) notices.push(replacementNotice(name));
    else if (known === undefined) notices.push(buildNotice(name));
  }
  return notices;
}

function replacementNotice(name: string): Diagnostic {
  return {
    code: 'sandbox/template-replaced',
    severity: 'warning',
    summary: `the sandbox can't provide the template ${name}: Debian 12 stands in for it`,
    detail: 'What you see of guests made from it says little about the real ones.',
  };
}

function buildNotice(name: string): Diagnostic {
  const { distribution, suite } = templateSource(name);
  return {
    code: 'sandbox/template-built',
    severity: 'notice',
    summary: `the template ${name} is built with debootstrap (${distribution} ${suite}) where Proxmox's mirror does not answer`,
  };
}
