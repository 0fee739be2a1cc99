import { answerOf, type HostStep } from './part.ts';
import { finding } from './operations.ts';

/** Is this the host that the folder describes, and can it be looked at? */
export const validateInputs: HostStep = {
  name: 'validate_inputs',
  needs: () => ({ host: ['system'] }),
  plan: (input) => {
    const { desired, observed } = input;
    const system = observed.node.host?.system;
    if (system === undefined || system.kernel === '') {
      return answerOf(input, 'validate_inputs', [{ diagnostics: [NOT_SEEN] }]);
    }
    const wanted = desired.hostname?.split('.')[0]?.toLowerCase();
    const isOther = wanted !== undefined && wanted !== system.hostname.toLowerCase();
    return answerOf(input, 'validate_inputs', [
      { diagnostics: isOther ? [otherHostname(wanted, system.hostname)] : [] },
    ]);
  },
};

const NOT_SEEN = finding('error', 'host-not-seen', {
  summary: 'The host itself cannot be looked at',
  detail: 'The node told nothing of its system, so nothing was done to it.',
  remedy: 'Run Phoenix as root on the host.',
});

function otherHostname(wanted: string, found: string) {
  return finding('error', 'hostname-differs', {
    summary: 'The host has another name than the folder says, and Phoenix does not rename hosts',
    detail:
      `The folder says ${JSON.stringify(wanted)}, this host is ${JSON.stringify(found)}. Either this is another ` +
      "host than the folder's, or it was to be renamed: renaming a Proxmox node moves it to another folder of " +
      '/etc/pve and cuts it off from its guests and certificates, and mapping its name to 127.0.1.1 keeps the ' +
      "cluster's file system from starting.",
    remedy: `If this is the right host, write its name into the folder:\n    "network": { "hostname": ${JSON.stringify(found)} }`,
  });
}
