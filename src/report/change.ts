import type { Change, Effect } from '../model/change.ts';
import { escapeControl } from './escape.ts';
import type { Style } from './style.ts';

/** One change as `~ memory: 512 -> 1024`, with its effect where anybody would notice it. */
export function showChange(change: Change, style: Style): string {
  const { attribute, before, after, effect } = change;
  const name = escapeControl(attribute);
  const { symbol, paint } = lookOf(change, style);
  const effects = EFFECT_WORDS[effect];
  const noted = effects === '' ? '' : `  ${style.yellow(`(${effects})`)}`;
  return `${paint(symbol)} ${name}${showValues(before, after)}${noted}`;
}

/** What an effect means to whoever uses the guest; empty for one that goes unnoticed. */
export const EFFECT_WORDS: Readonly<Record<Effect, string>> = {
  live: '',
  restart: 'needs a restart',
  'interrupts-network': 'interrupts the network',
  reboot: 'needs a reboot of the node',
  'detaches-volume': 'detaches a volume',
  recreate: 'is made anew',
  'destroys-data': 'destroys data',
};

function lookOf({ before, after }: Change, { green, red, yellow }: Style) {
  if (before === undefined && after !== undefined) return { symbol: '+', paint: green };
  if (before !== undefined && after === undefined) return { symbol: '-', paint: red };
  return { symbol: '~', paint: yellow };
}

function showValues(before: string | undefined, after: string | undefined): string {
  if (before === undefined && after === undefined) return '';
  if (before === undefined) return `: ${quoted(after)}`;
  if (after === undefined) return `: ${quoted(before)}`;
  return `: ${quoted(before)} -> ${quoted(after)}`;
}

function quoted(value: string | undefined): string {
  return value === undefined || value === '' ? '""' : escapeControl(value);
}
