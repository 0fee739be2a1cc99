import type { Position } from '../model/diagnostic.ts';
import type { Target } from '../model/target.ts';
import type { Asset, AssetAnswer } from './assets.ts';
import type { Findings } from './diagnose.ts';
import { positionAt, sourceOf } from './parse/source.ts';
import type { RawGuest } from './raw-guest.ts';
import { didYouMean } from './suggest.ts';

/** Says why a file that a guest names could not be had. */
export function reportAsset(
  answer: Exclude<AssetAnswer, { found: Asset }>,
  about: {
    readonly what: string;
    readonly position: Position;
    readonly target: Target;
    readonly siblings?: readonly string[];
    readonly name?: string;
  },
  findings: Findings,
): void {
  const { what, position, target } = about;
  if (answer.problem === 'reported') return;
  if (answer.problem === 'outside') {
    findings.add('path-outside-folder', {
      summary: `${what} is outside the configuration folder`,
      position,
      target,
    });
    return;
  }
  const suggestion = about.name === undefined ? undefined : didYouMean(about.name, about.siblings ?? []);
  findings.add('missing-script', {
    summary: `${what} does not exist`,
    detail: [`There is no ${answer.looked} in the folder.`, suggestion].filter(Boolean).join(' '),
    position,
    target,
  });
}

/**
 * A script as it goes into a guest: a first line that names its interpreter, Unix line ends.
 * Undefined where it could not work there, which is reported at the line of the script.
 */
export function prepareScript(
  asset: Asset,
  context: { readonly guest?: RawGuest; readonly findings: Findings },
): string | undefined {
  const { text, file } = asset;
  const { findings, guest } = context;
  const source = sourceOf(file, text);
  const target = guest && { target: guest.vmid };
  if (text.includes('\r\n')) {
    findings.add('script-line-ends', {
      summary: 'A script has Windows line ends',
      position: positionAt(source, text.indexOf('\r\n')),
      remedy: `Convert it: sed -i 's/\\r$//' ${file}`,
      ...target,
    });
    return undefined;
  }
  const helper = findHelper(text);
  if (helper) {
    findings.add('script-needs-helpers', {
      summary: 'A script expects files of the shell predecessor',
      detail: `${helper.word} does not exist in a guest that Phoenix makes.`,
      position: positionAt(source, helper.start, helper.start + helper.word.length),
      ...target,
    });
    return undefined;
  }
  if (text.startsWith('#!')) return text;
  findings.add('script-without-interpreter', {
    summary: 'A script does not name its interpreter',
    detail: 'It is run by /bin/sh.',
    position: positionAt(source, 0),
    ...target,
  });
  return `#!/bin/sh\n${text}`;
}

/** Files and functions that the shell predecessor put into guests; a comment that names them is fine. */
function findHelper(text: string): { readonly start: number; readonly word: string } | undefined {
  for (const match of text.matchAll(HELPERS)) {
    const lineStart = text.lastIndexOf('\n', match.index) + 1;
    if (!text.slice(lineStart, match.index).includes('#')) return { start: match.index, word: match[0] };
  }
  return undefined;
}

const HELPERS =
  /phoenix_hypervisor_common_utils\.sh|\/tmp\/phoenix_run\b|\/usr\/local\/phoenix_hypervisor\b|\bphoenix_lxc_configs\.json\b|\bjq_get_(?:value|array)\b|\blog_fatal\b/g;
