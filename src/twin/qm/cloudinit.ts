import type { Command } from '../call/command.ts';
import { byCode, splitList } from '../call/lists.ts';
import { applyCloudInit } from '../machine/cloud-init-drive.ts';
import {
  cloudInitFormat,
  eniDocument,
  metaDocument,
  networkDocument,
  userDocument,
} from '../machine/cloud-init-documents.ts';
import { CLOUD_INIT_KEYS } from '../machine/cloud-init-record.ts';
import { loadMachine, lockMachine } from '../machine/config.ts';
import { shownValue } from './config.ts';

/** `qm cloudinit dump`: the document that Proxmox makes of the VM's keys, whatever `cicustom` says. */
export const dump: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const { keys } = (await loadMachine(session, vmid)).head;
    const format = cloudInitFormat(keys);
    const user = userDocument(keys, vmid);
    const network = format === 'nocloud' ? networkDocument(keys) : eniDocument(keys);
    const documents: Readonly<Record<string, string>> = {
      user,
      network,
      meta: metaDocument(user, network, format),
    };
    session.print(`${documents[parameters.demand('type')] ?? ''}\n`);
  },
};

/** `qm cloudinit pending`: settings as the drive was made from them, and as they are by now. */
export const pending: Command = {
  run: async (session, parameters) => {
    const { head, cloudInit } = await loadMachine(session, parameters.vmid);
    const added = splitList(cloudInit.keys.get('added') ?? '');
    const recorded = [...cloudInit.keys.keys()].filter((key) => key !== 'added');
    const set = CLOUD_INIT_KEYS.filter((key) => head.keys.has(key));
    for (const key of [...new Set([...added, ...set, ...recorded])].toSorted(byCode)) {
      const [now, then] = [head.keys.get(key), cloudInit.keys.get(key)];
      if (now === undefined) session.print(`del ${key}: ${shownValue(key, then ?? '')}\n`);
      else if (added.includes(key)) session.print(`new ${key}: ${shownValue(key, now)}\n`);
      else {
        session.print(`cur ${key}: ${shownValue(key, then ?? now)}\n`);
        if (then !== undefined) session.print(`new ${key}: ${shownValue(key, now)}\n`);
      }
    }
  },
};

/** `qm cloudinit update`: the drive is made anew. */
export const update: Command = {
  run: (session, parameters) =>
    lockMachine(session, parameters.vmid, async () => {
      await applyCloudInit(session, parameters.vmid, await loadMachine(session, parameters.vmid));
    }),
};
