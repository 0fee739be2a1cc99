import * as v from 'valibot';
import { key, need } from './key.ts';
import { anyLine, flag, line, nicName } from './scalars.ts';

const policy = v.pipe(
  v.picklist(['ACCEPT', 'DROP', 'REJECT']),
  v.metadata({ expects: 'ACCEPT, DROP or REJECT' }),
);
const place = line(
  'an IP address, a network such as 10.0.0.0/24, or a name of an IP set (+name) or alias',
  /^[A-Za-z0-9+._:/,-]+$/,
);

export const firewallRule = v.object({
  type: need(v.pipe(v.picklist(['in', 'out']), v.metadata({ expects: 'in or out' })), 'Direction.'),
  action: need(policy, 'What happens to a packet that matches.'),
  proto: key(line('a protocol, such as tcp, udp or icmp', /^[a-z0-9-]{1,20}$/), 'Protocol.', {
    example: 'tcp',
  }),
  port: key(
    v.pipe(
      v.union([
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
        v.pipe(v.string(), v.check(isPortList, 'bad-format')),
      ]),
      v.metadata({ expects: 'a port, a range such as 8000:8010, or a list such as 80,443' }),
    ),
    'Destination port, range or comma-separated list.',
    { example: '80,443' },
  ),
  source: key(place, 'Where a packet comes from.', { example: '10.0.0.0/24' }),
  dest: key(place, 'Where a packet goes.'),
  iface: key(nicName, "Interface; only for the whole cluster's rules, or netN in a guest."),
  comment: key(anyLine, 'For people.'),
});

export const firewall = v.object({
  enabled: key(flag, "Filter this guest's traffic. Default: true where there are rules."),
  default_input_policy: key(policy, 'What happens to incoming packets that no rule matches.'),
  default_output_policy: key(policy, 'What happens to outgoing packets that no rule matches.'),
  rules: key(v.array(firewallRule), 'Rules, first match wins. Rules made by others stay where they are.'),
});

function isPortList(text: string): boolean {
  return text.split(',').every((part) => {
    const ends = part.trim().split(/[:-]/);
    return (
      ends.length <= 2 &&
      ends.every((end) => /^\d{1,5}$/.test(end) && Number(end) >= 1 && Number(end) <= 65_535)
    );
  });
}
