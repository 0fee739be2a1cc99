import type { TargetResult } from '../model/event.ts';
import { escapeControl } from './escape.ts';
import type { Paint, Style } from './style.ts';

export type Look = { readonly symbol: string; readonly word: string; readonly paint: Paint };

/** How the end of a target looks: a symbol and a word, and a colour that only repeats them. */
export const RESULT_LOOKS: Readonly<Record<TargetResult, (style: Style) => Look>> = {
  changed: ({ green }) => ({ symbol: '✓', word: 'changed', paint: green }),
  unchanged: ({ green }) => ({ symbol: '=', word: 'unchanged', paint: green }),
  left: ({ yellow }) => ({ symbol: '!', word: 'left something', paint: yellow }),
  failed: ({ red }) => ({ symbol: '✗', word: 'failed', paint: red }),
  skipped: ({ yellow }) => ({ symbol: '-', word: 'skipped', paint: yellow }),
  interrupted: ({ yellow }) => ({ symbol: '■', word: 'interrupted', paint: yellow }),
};

/** Why a target ended as it did, to follow its word. */
export function showReason(result: TargetResult, reason: string | undefined): string {
  if (reason === undefined) return '';
  return result === 'skipped' ? ` because ${escapeControl(reason)}` : `: ${escapeControl(reason)}`;
}
