import type { OptionValues } from './parse.ts';
import { quote } from './parse.ts';
import { usageStop } from '../stop.ts';
import type { OptionSpec } from '../verb.ts';

/** `--timeout` of the verbs that end guests. */
export const TIMEOUT: OptionSpec = {
  name: 'timeout',
  value: 'seconds',
  summary: 'how long a guest may take to shut down by itself',
};

/** `--force` of the verbs that end guests. */
export const FORCE: OptionSpec = {
  name: 'force',
  summary: 'cut a guest off that does not shut down in time',
};

/** What the steps that end a guest are told of `--timeout` and `--force`. */
export function endingOptions(options: OptionValues): Readonly<Record<string, number | boolean>> {
  const timeout = readSeconds(options, 'timeout');
  return { ...(timeout === undefined ? {} : { timeout }), force: options.has('force') };
}

/** A whole number of seconds from 1 to a day; undefined where the option was not given. */
function readSeconds(options: OptionValues, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 1 && seconds <= DAY) return seconds;
  throw usageStop(
    'cli/wrong-value',
    `Option --${name} does not take ${quote(text)}.`,
    `It takes seconds, from 1 to ${DAY}.`,
  );
}

const DAY = 86_400;
