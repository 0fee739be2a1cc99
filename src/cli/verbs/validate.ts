import { readConfiguration } from '../configuration.ts';
import { isJson, writeJson } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { COMMON_OPTIONS } from '../command-line/options.ts';
import { showDiagnostics } from '../problem.ts';
import type { Verb } from '../verb.ts';

/** `phoenix validate`: every problem of the folder at once; no node is asked. */
export const validate: Verb = {
  name: 'validate',
  summary: 'check the folder and show every problem in it',
  details: 'Exits with 0 where the folder can be used (warnings included), and with 65 where it can not.',
  operands: [],
  options: COMMON_OPTIONS,
  examples: [
    ['phoenix validate', 'the folder that the other verbs would use'],
    ['phoenix validate --config examples/web', 'another folder'],
  ],
  run: async (context) => {
    const { folder, diagnostics } = await readConfiguration(context);
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    const exitCode = errors > 0 || folder === undefined ? EXIT.config : EXIT.done;
    if (isJson(context)) {
      writeJson(context.io, { exitCode, folder: folder?.path, guests: folder?.guests.size, diagnostics });
      return exitCode;
    }
    await showDiagnostics(context.io, diagnostics);
    const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length;
    const counts = [count(errors, 'error'), count(warnings, 'warning')].join(', ');
    context.io.stdout.write(
      folder === undefined || exitCode !== EXIT.done
        ? `Not usable: ${counts}.\n`
        : `${folder.path}: ${count(folder.guests.size, 'guest')}, ${counts}.\n`,
    );
    return exitCode;
  },
};

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
