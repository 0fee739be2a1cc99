export { loadFolder, type LoadOptions, type LoadResult } from './load-folder.ts';
