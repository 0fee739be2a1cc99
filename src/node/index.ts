export { PVE_DIALECT } from './dialect.ts';
export { localNode } from './local.ts';
export { sshNode } from './ssh/index.ts';
