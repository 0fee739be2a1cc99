export { PVE_DIALECT } from './dialect.ts';
export { localNode } from './local.ts';
