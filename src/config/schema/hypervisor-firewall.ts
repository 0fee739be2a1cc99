import * as v from 'valibot';
import { firewall, firewallRule } from './firewall.ts';
import { key, need, once } from './key.ts';
import * as s from './scalars.ts';

const entityName = s.line(
  'a name of letters, digits, "-" and "_" that begins with a letter',
  /^[A-Za-z][A-Za-z0-9_-]{1,63}$/,
);
const groupName = s.line(
  'a name of at most 18 letters, digits, "-" and "_" that begins with a letter',
  /^[A-Za-z][A-Za-z0-9_-]{1,17}$/,
);
const network = s.line('an IP address or a network, such as 10.0.0.0/24', /^[0-9A-Fa-f.:]+(?:\/\d{1,3})?$/);
const setEntry = s.line(
  'an IP address, a network or the name of an alias; "!" before it takes it out',
  /^!?[A-Za-z0-9.:/_-]+$/,
);

/** A rule of the datacenter, the node or a security group: what guests' rules can say, macros and groups. */
const levelRule = once(() =>
  v.object({
    ...firewallRule.entries,
    type: need(
      v.pipe(v.picklist(['in', 'out', 'group']), v.metadata({ expects: 'in, out or group' })),
      'Direction; group puts the rules of a security group here.',
    ),
    action: key(firewallRule.entries.action, 'What happens to a packet that matches.'),
    group: key(groupName, 'Security group whose rules come here; only with the type group.'),
    macro: key(s.line('a macro, such as SSH', /^[A-Za-z][A-Za-z0-9]{1,31}$/), "One of Proxmox's macros.", {
      example: 'SSH',
    }),
  }),
);

/** Proxmox's firewall of the datacenter and of the node. */
export const hostFirewall = once(() =>
  v.object({
    enabled: key(s.flag, "Let Proxmox's firewall filter at all."),
    default_input_policy: firewall.entries.default_input_policy,
    default_output_policy: firewall.entries.default_output_policy,
    global_firewall_rules: key(v.array(levelRule()), 'Rules of all nodes; rules of guests stand with them.'),
    rules: key(v.array(levelRule()), 'The same as `global_firewall_rules`.'),
    aliases: key(
      v.array(
        v.object({
          name: need(entityName, 'Name.', { example: 'office' }),
          address: need(network, 'Address or network.', { example: '10.0.0.0/24' }),
          comment: key(s.anyLine, 'For people.'),
        }),
      ),
      'Names of addresses, for rules and IP sets.',
    ),
    ip_sets: key(
      v.array(
        v.object({
          name: need(entityName, 'Name; the set `management` may reach the node.', {
            example: 'management',
          }),
          entries: need(v.array(setEntry), 'Addresses, networks and aliases.'),
          comment: key(s.anyLine, 'For people.'),
        }),
      ),
      'Sets of addresses; rules name one as +name.',
    ),
    security_groups: key(
      v.array(
        v.object({
          name: need(groupName, 'Name.', { example: 'web' }),
          rules: need(v.array(levelRule()), 'Its rules.'),
          comment: key(s.anyLine, 'For people.'),
        }),
      ),
      'Rules under a name.',
    ),
    host: key(
      v.object({
        enabled: key(s.flag, "Filter this node's own traffic. Proxmox's default: true."),
        rules: key(v.array(levelRule()), 'Rules of this node; they come before those of all nodes.'),
      }),
      "This node's own firewall.",
    ),
  }),
);

export type LevelRuleConfig = v.InferOutput<ReturnType<typeof levelRule>>;
