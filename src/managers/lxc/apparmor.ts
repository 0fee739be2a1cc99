import type { Change } from '../../model/change.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Needs } from '../../model/node.ts';
import type { Operation } from '../../model/operation.ts';
import type { DesiredContainer } from '../../model/desired.ts';
import type { LxcInput } from './input.ts';
import { NO_WORK, type Work } from '../guest/work.ts';

const STEP = 'apply_configurations';
const APPARMOR = '/sys/kernel/security/apparmor';
const MARK = '# Written by Phoenix from its folder: change it there.\n';

/** What an observation must hold for `profileWork`. */
export function profileNeeds({ apparmorProfile }: DesiredContainer): Pick<Needs, 'files' | 'paths'> {
  return apparmorProfile ? { files: [pathOf(apparmorProfile.name)], paths: [APPARMOR] } : { paths: [] };
}

/**
 * The folder's AppArmor profile on the node: loaded into the kernel, where that has AppArmor, then
 * kept as `/etc/apparmor.d/<name>`, from where the node loads it at boot. In this order, so that the
 * file is there only once the profile is loaded. Containers that run under it get its rules at once,
 * since the kernel replaces a profile in place. A file of someone else's is refused.
 */
export function profileWork(input: LxcInput): Work {
  const { desired, observed, consent } = input;
  const { apparmorProfile: profile, vmid } = desired;
  if (!profile) return NO_WORK;
  const path = pathOf(profile.name);
  const found = observed.node.files?.get(path);
  if (found === profile.content || found === MARK + profile.content) return NO_WORK;
  if (found !== undefined && !found.startsWith(MARK) && !consent.adopt) {
    return { ...NO_WORK, diagnostics: [foreignProfile(input, path)] };
  }
  const attribute = `AppArmor profile ${profile.name}`;
  const change: Change = {
    target: vmid,
    step: STEP,
    attribute,
    before: found === undefined ? undefined : 'another text',
    after: "the folder's text",
    effect: 'live',
  };
  const common = { target: vmid, step: STEP, changes: [attribute], gates: ['apparmor'] } as const;
  const load: Operation = {
    ...common,
    op: 'exec',
    in: 'node',
    script: {
      name: 'load-apparmor-profile',
      content: '#!/bin/sh\nexec apparmor_parser --replace profile\n',
      files: { profile: profile.content },
    },
    timeoutMs: 60_000,
    title: `load the AppArmor profile ${profile.name}`,
  };
  const write: Operation = {
    ...common,
    op: 'write',
    in: 'node',
    path,
    content: MARK + profile.content,
    mode: 0o644,
  };
  const hasApparmor = observed.node.paths.get(APPARMOR)?.type === 'directory';
  return { ...NO_WORK, changes: [change], operations: [...(hasApparmor ? [load] : []), write] };
}

function pathOf(name: string): string {
  return `/etc/apparmor.d/${name}`;
}

function foreignProfile({ desired }: LxcInput, path: string): Diagnostic {
  return {
    code: 'lxc/foreign-apparmor-profile',
    severity: 'error',
    summary: `${path} is someone else's`,
    detail: "Its text is not the folder's, and Phoenix did not write it.",
    remedy: `Give the folder's profile another name, or take the file over:\nphoenix create ${desired.vmid} --adopt`,
    position: desired.position,
    target: desired.vmid,
  };
}
