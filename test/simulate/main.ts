import { play } from './scenario.ts';

/* Plays the seeds of its arguments, `first` and `count`, and prints each verdict as a line of JSON. */
const [first = 0, count = 1] = process.argv.slice(2).map(Number);
for (let seed = first; seed < first + count; seed += 1) {
  try {
    process.stdout.write(`${JSON.stringify({ seed, ...(await play(seed)) })}\n`);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`${JSON.stringify({ seed, broken: [what], hits: [] })}\n`);
  }
}
