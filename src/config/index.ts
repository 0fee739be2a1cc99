export { loadFolder } from './load-folder.ts';
