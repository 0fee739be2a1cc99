import { readConfiguration } from '../configuration.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { COMMON_OPTIONS } from '../command-line/options.ts';
import { usageStop } from '../stop.ts';
import type { Verb } from '../verb.ts';

/** `phoenix completion`: a script for the shell, which asks `--complete` for what fits at the cursor. */
export const completion: Verb = {
  name: 'completion',
  summary: 'print the completion script of a shell',
  details: 'It completes verbs, options, and the guests of the folder.',
  operands: [{ name: 'shell', summary: 'bash, zsh or fish', completes: ['bash', 'zsh', 'fish'] }],
  options: [
    { name: 'complete', isHidden: true, summary: 'print what fits after the words that follow "--"' },
    ...COMMON_OPTIONS,
  ],
  takesCommand: true,
  examples: [
    ['source <(phoenix completion bash)', 'in ~/.bashrc'],
    ['phoenix completion fish | source', 'in config.fish'],
  ],
  run: async (context) => {
    const { io, options, operands } = context;
    if (options.has('complete')) return await printCandidates(context);
    const { completionScript, SHELLS } = await import('../command-line/completion-scripts.ts');
    const shell = SHELLS.find((name) => name === operands[0]);
    if (shell === undefined)
      throw usageStop(
        'cli/unknown-shell',
        'Completion needs the name of a shell.',
        `It takes: ${SHELLS.join(', ')}.`,
      );
    io.stdout.write(completionScript(shell));
    return EXIT.done;
  },
};

async function printCandidates(context: Context): Promise<number> {
  const { complete } = await import('../command-line/complete.ts');
  const { folder } = await readFolderOf(context);
  const candidates = await complete(context.command ?? [], async () => folder);
  context.io.stdout.write(candidates.map((candidate) => `${candidate.join('\t')}\n`).join(''));
  return EXIT.done;
}

/* The line that is being typed may name a folder of its own. */
async function readFolderOf(context: Context) {
  const words = context.command ?? [];
  const index = words.findLastIndex((word) => word === '--config' || word === '-c');
  const path = (index === -1 ? undefined : words[index + 1]) ?? context.options.text('config');
  const options = { ...context.options, text: (name: string) => (name === 'config' ? path : undefined) };
  return await readConfiguration({ io: context.io, options });
}
