import type { Command } from '../call/command.ts';
import type { CommandShape } from '../call/parameters.ts';
import { createRule, deleteRule, getOptions, getRule, getRules, setOptions, setRule } from './firewall.ts';
import { CREATE_RULE, DELETE_RULE, GET, SET_OPTIONS, SET_RULE } from './shapes.ts';

/** A call of the API: its handler, and the parameters that it takes besides those in its path. */
export type Endpoint = { readonly command: Command; readonly shape: CommandShape };

/**
 * Finds what `pvesh METHOD PATH` asks for; gives a complaint for what there is not. The twin has the
 * firewalls of guests: `/nodes/NODE/{qemu,lxc}/VMID/firewall/{rules,rules/POS,options}`.
 */
export function findEndpoint(method: string, path: string): Endpoint | string {
  const match =
    /^\/?nodes\/[^/]+\/(?:qemu|lxc)\/([1-9]\d{2,8})\/firewall\/(rules|options)(?:\/(\d+))?\/?$/.exec(path);
  if (match === null) return `No '${method}' handler defined for '${path}'`;
  const [, id = '', what, at] = match;
  const vmid = Number(id);
  const found =
    what === 'options'
      ? optionCall(method, vmid)
      : at === undefined
        ? listCall(method, vmid)
        : ruleCall(method, vmid, Number(at));
  return found ?? `No '${method}' handler defined for '${path}'`;
}

function optionCall(method: string, vmid: number): Endpoint | undefined {
  if (method === 'get') return { command: getOptions(vmid), shape: GET };
  return method === 'set' ? { command: setOptions(vmid), shape: SET_OPTIONS } : undefined;
}

function listCall(method: string, vmid: number): Endpoint | undefined {
  if (method === 'get') return { command: getRules(vmid), shape: GET };
  return method === 'create' ? { command: createRule(vmid), shape: CREATE_RULE } : undefined;
}

function ruleCall(method: string, vmid: number, position: number): Endpoint | undefined {
  if (method === 'get') return { command: getRule(vmid, position), shape: GET };
  if (method === 'set') return { command: setRule(vmid, position), shape: SET_RULE };
  return method === 'delete' ? { command: deleteRule(vmid, position), shape: DELETE_RULE } : undefined;
}
