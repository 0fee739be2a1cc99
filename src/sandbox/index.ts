export { sandboxFolder, sandboxLayout } from './layout.ts';
export type { SandboxNeeds } from './needs.ts';
export { type Sandbox, openSandbox } from './open.ts';
export { resetSandbox } from './reset.ts';
export { sandboxShell } from './shell.ts';
export { sandboxStatus } from './status.ts';
