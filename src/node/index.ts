export { PVE_DIALECT } from './dialect.ts';
export { localNode, type LocalNodeOptions } from './local.ts';
