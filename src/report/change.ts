import type { Change, Effect } from '../model/change.ts';
import { escapeControl } from './escape.ts';
import type { Style } from './style.ts';

/**
 * One change as `~ memory: 512 -> 1024`, with its effect where anybody would notice it and with what
 * it takes for granted.
 */
export function showChange(change: Change, style: Style): string {
  const { attribute, before, after, effect, assumes } = change;
  const name = escapeControl(attribute);
  const { symbol, paint } = lookOf(change, style);
  const notes = [
    ...(effect === 'live' ? [] : [EFFECT_WORDS[effect]]),
    ...(assumes === undefined ? [] : [`assumes ${escapeControl(assumes)}`]),
  ];
  const noted = notes.length === 0 ? '' : `  ${style.yellow(`(${notes.join('; ')})`)}`;
  return `${paint(symbol)} ${name}${showValues(before, after)}${noted}`;
}

/** A change that was left, with the option that would have it. */
export function showLeft(change: Change, style: Style): string {
  const { effect } = change;
  const shown = showChange(change, style);
  return effect === 'live' ? shown : `${shown}  ${style.yellow(`--allow ${effect}`)}`;
}

/** A change that was planned and not carried out, since something before it or it itself went wrong. */
export function showUndone(change: Change, { dim, yellow }: Style): string {
  const { before, after } = change;
  return `${dim(`· ${escapeControl(change.attribute)}${showValues(before, after)}`)}  ${yellow('not done')}`;
}

/** A change was first seen and later left as another object: they are the same by name. */
export function isAmong(change: Change, others: readonly Change[]): boolean {
  return others.some(({ step, attribute }) => step === change.step && attribute === change.attribute);
}

const EFFECT_WORDS: Readonly<Record<Effect, string>> = {
  live: 'goes unnoticed',
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
