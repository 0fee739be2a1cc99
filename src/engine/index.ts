export { run } from './run.ts';
export { needsOf } from './view.ts';
