import * as v from 'valibot';
import { idle, key } from './key.ts';
import * as s from './scalars.ts';

const forScripts = { isScriptInput: true } as const;
const later = { isLater: true } as const;
const anyObject = v.pipe(v.looseObject({}), v.metadata({ expects: 'an object' }));

export const traefikService = v.object({
  name: key(s.hostName, 'Name of the route.'),
  port: key(s.wholeOrText(1, 65_535), 'Port in the guest.'),
});

/** Keys of a container that files of the shell predecessor have and this version hands to scripts, or leaves. */
export const legacyContainerKeys = {
  ports: key(
    v.array(
      v.pipe(
        v.union([
          v.number(),
          s.line('ports', /^\d{1,5}(?:-\d{1,5})?(?::\d{1,5}(?:-\d{1,5})?)?(?:\/(?:tcp|udp))?$/),
        ]),
        v.metadata({ expects: 'a port, or "HOST:CONTAINER"' }),
      ),
    ),
    'Ports of its services; handed to the application script.',
    { ...forScripts, example: ['6333:6333'] },
  ),
  nvidia_driver_version: key(
    s.line('a driver version, such as 580.76.05', /^\d+(?:\.\d+){1,3}$/),
    "NVIDIA driver of this container. Default: the file's root, then the hypervisor's.",
    forScripts,
  ),
  nvidia_repo_url: key(s.webUrl, 'Package repository of NVIDIA.', forScripts),
  nvidia_runfile_url: key(s.webUrl, "Where NVIDIA's installer is downloaded from.", forScripts),
  portainer_role: key(
    v.pipe(
      v.picklist(['none', 'server', 'agent', 'infrastructure']),
      v.metadata({ expects: 'none, server, agent or infrastructure' }),
    ),
    'Part in Portainer.',
    forScripts,
  ),
  bootstrap_ca_url: key(s.webUrl, 'Certificate authority that features may trust.', forScripts),
  traefik_service: key(traefikService, 'Route of a Traefik proxy.', { ...later, ...forScripts }),
  trigger_sync_on_completion: key(s.flag, 'Update routes and names when the guest is finished.', later),
  vllm_model: key(s.anyLine, 'Model that vLLM serves.', forScripts),
  vllm_served_model_name: key(s.anyLine, 'Name that vLLM gives it.', forScripts),
  vllm_model_type: key(
    v.pipe(v.picklist(['chat', 'embedding']), v.metadata({ expects: 'chat or embedding' })),
    'Kind of model.',
    forScripts,
  ),
  vllm_args: key(v.array(s.anyLine), 'Arguments of vLLM.', forScripts),
  vllm_port: key(s.wholeOrText(1, 65_535), 'Port of vLLM.', forScripts),
  vllm_quantization: key(s.anyLine, 'Quantization of the model.', forScripts),
  vllm_max_model_len: key(v.union([v.number(), s.anyLine]), 'Longest context.', forScripts),
  vllm_gpu_memory_utilization: key(
    v.union([v.number(), s.anyLine]),
    "Share of the GPU's memory.",
    forScripts,
  ),
  vllm_tensor_parallel_size: key(v.union([v.number(), s.anyLine]), 'GPUs that share the model.', forScripts),
  vllm_trust_remote_code: key(
    v.union([v.boolean(), s.anyLine]),
    'Let the model run code of its own.',
    forScripts,
  ),
  vllm_parameters: key(anyObject, 'Parameters of vLLM.', forScripts),
  vllm_engine_config: key(anyObject, 'Engine configuration of vLLM.', forScripts),
  vllm: idle('Settings of vLLM.', 'the keys that begin with vllm_ hold them'),
  tests: idle('Tests of the shell predecessor.', '`health_checks` are how Phoenix tests a guest'),
  integration_tests: idle('Tests of the shell predecessor.', '`health_checks` are how Phoenix tests a guest'),
  run_integration_tests: idle(
    'Tests of the shell predecessor.',
    '`health_checks` are how Phoenix tests a guest',
  ),
};
