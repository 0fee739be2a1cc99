import { COMMON_OPTIONS } from './command-line/options.ts';
import { showProblem } from './problem.ts';
import { findVerbWord, parse } from './command-line/parse.ts';
import { nearest } from '../config/suggest.ts';
import { usageStop } from './stop.ts';
import { EXIT } from './exit-code.ts';
import { loadAllVerbs, loadVerb, verbWords } from './verbs/index.ts';
import type { Io } from './io.ts';

/**
 * Runs one command line and gives its exit code. Whatever goes wrong is shown on `io`; nothing is
 * thrown, and nothing outside `io`, the configuration and the node is touched.
 */
export async function phoenix(io: Io): Promise<number> {
  try {
    return await dispatch(io);
  } catch (error) {
    return await showProblem(io, error);
  }
}

async function dispatch(io: Io): Promise<number> {
  const { word, rest } = findVerbWord(io.argv, [...COMMON_OPTIONS, ...PROGRAM_OPTIONS]);
  if (word === undefined || word === 'help') return await programLevel(io, rest);
  const verb = await loadVerb(word);
  if (verb === undefined) {
    const meant = nearest(word, verbWords());
    throw usageStop(
      'cli/unknown-verb',
      `Unknown verb ${JSON.stringify(word.slice(0, MAX_SHOWN))}.`,
      meant === undefined ? 'phoenix --help lists the verbs.' : `Did you mean "phoenix ${meant}"?`,
    );
  }
  const parsed = parse(verb, rest);
  if (!parsed.options.has('help')) return await verb.run({ io, verb, ...parsed });
  const { verbHelp, writeHelp } = await import('./command-line/help.ts');
  writeHelp(io, verbHelp(verb));
  return EXIT.done;
}

const PROGRAM_OPTIONS = [{ name: 'version', short: 'V', summary: 'print the version' }] as const;
const MAX_SHOWN = 60;

async function programLevel(io: Io, words: readonly string[]): Promise<number> {
  const { programHelp, verbHelp, writeHelp } = await import('./command-line/help.ts');
  const [topic] = words.filter((word) => !word.startsWith('-'));
  const verb = topic === undefined ? undefined : await loadVerb(topic);
  if (verb !== undefined) {
    writeHelp(io, verbHelp(verb));
    return EXIT.done;
  }
  if (io.argv.includes('--version') || io.argv.includes('-V')) {
    io.stdout.write(`phoenix ${io.version}\n`);
    return EXIT.done;
  }
  const text = programHelp(await loadAllVerbs(), [...COMMON_OPTIONS, ...PROGRAM_OPTIONS]);
  if (io.argv.length > 0) {
    writeHelp(io, text);
    return EXIT.done;
  }
  io.stderr.write(text);
  return EXIT.usage;
}
