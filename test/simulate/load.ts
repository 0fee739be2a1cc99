import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadFolder } from '../../src/config/index.ts';
import type { Folder } from '../../src/model/desired.ts';
import type { FolderJson } from '../property/folders.ts';

/** A secret that must never be seen. */
export const CANARY = 'canary-1f8e2c';

/** Loads a folder as a command would, each application script given a secret besides. */
export async function loadWithSecret(json: FolderJson): Promise<Folder> {
  const path = mkdtempSync(join(tmpdir(), 'phoenix-simulate-'));
  try {
    mkdirSync(join(path, 'scripts'));
    writeFileSync(join(path, 'scripts/app.sh'), '#!/bin/sh\ntrue\n');
    writeFileSync(join(path, 'scripts/other.sh'), '#!/bin/sh\nexit 0\n');
    writeFileSync(join(path, 'phoenix_hypervisor_config.json'), '{"folder_id":"property"}');
    const guests = [...json].map(([vmid, guest]) => [vmid, withSecret(guest)]);
    writeFileSync(
      join(path, 'phoenix_lxc_configs.json'),
      JSON.stringify({ lxc_configs: Object.fromEntries(guests) as object }),
    );
    const env = { CANARY };
    const builtinFeatures = resolve('features');
    const { folder, diagnostics } = await loadFolder({ path, env, cwd: path, builtinFeatures });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (!folder || errors.length > 0) throw new Error(JSON.stringify(errors));
    return folder;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

function withSecret(guest: object): object {
  if (!('application_script' in guest)) return guest;
  const own = 'application_script_env' in guest ? guest.application_script_env : {};
  return { ...guest, application_script_env: { ...(own as object), TOKEN: { from_env: 'CANARY' } } };
}
