import * as v from 'valibot';
import { idle, key, need, once } from './key.ts';
import { traefikService } from './legacy-container.ts';
import * as s from './scalars.ts';

const later = { isLater: true, isScriptInput: true } as const;

const nfsVolume = once(() =>
  v.object({
    type: need(v.pipe(v.picklist(['nfs']), v.metadata({ expects: 'nfs' })), 'What it is.'),
    name: key(s.line('a text'), 'For people.'),
    path: need(s.absolutePath, 'Exported directory of the server.'),
    mount_point: need(s.absolutePath, 'Path in the VM.'),
    server: need(s.line('a host name or an IP address', /^[A-Za-z0-9._:-]+$/), 'NFS server.'),
    options: key(s.line('mount options without spaces, such as ro,soft', /^\S+$/), 'Options of the mount.'),
  }),
);

const composeFile = once(() =>
  v.object({
    source: need(s.line('a path'), 'File in `files/` of the folder.'),
    destination: need(s.line('a path'), 'Directory of the VM, or path of the file there.'),
  }),
);

const dockerStack = once(() =>
  v.pipe(
    v.union([s.line("a stack's name"), v.looseObject({ name: key(s.line('a text'), 'Name of the stack.') })]),
    v.metadata({ expects: "a stack's name, or an object" }),
  ),
);

/** Keys of a VM that files of the shell predecessor have, beside those that stayed. */
export const legacyVmKeys = once(() => ({
  volumes: key(v.array(nfsVolume()), 'Network file systems that it mounts.'),
  docker_compose_files: key(
    v.array(composeFile()),
    'Compose files that it gets at its first boot, from `files/` of the folder.',
  ),
  docker_stacks: key(v.array(dockerStack()), 'Stacks that run on it.', later),
  portainer_role: key(
    v.pipe(v.picklist(['primary', 'agent', 'none']), v.metadata({ expects: 'primary, agent or none' })),
    'Part in Portainer.',
    later,
  ),
  portainer_environment_name: key(s.line('a text'), 'Name of its environment in Portainer.', later),
  portainer_agent_hostname: key(s.hostName, 'Name under which Portainer finds its agent.', later),
  traefik_service: key(traefikService, 'Route of a Traefik proxy.', later),
  trigger_sync_on_completion: key(s.flag, 'Update routes and names when the guest is finished.', {
    isLater: true,
  }),
  dns_records: key(v.array(v.unknown()), 'DNS records.', { isLater: true }),
  swarm_role: key(
    v.pipe(v.picklist(['manager', 'worker', 'none']), v.metadata({ expects: 'manager, worker or none' })),
    'Part in a Docker swarm.',
    later,
  ),
  node_labels: key(v.array(s.line('a label')), 'Labels of its swarm node.', later),
  count: idle('How many of it.', 'each VM has an entry of its own'),
  qm_options: idle('Further options of `qm set`.', "the VM's own keys say what `qm` is given"),
}));
