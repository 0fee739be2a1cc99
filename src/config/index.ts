export { jsonSchema, type SchemaName } from './json-schema.ts';
export { loadFolder, type LoadOptions, type LoadResult } from './load-folder.ts';
