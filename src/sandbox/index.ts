export { sandboxFolder, sandboxLayout } from './layout.ts';
export { needsOf, type SandboxNeeds } from './needs.ts';
export { type OpenOptions, type Sandbox, openSandbox } from './open.ts';
export { resetSandbox } from './reset.ts';
export { SandboxError } from './sandbox-error.ts';
export { sandboxShell } from './shell.ts';
export { type SandboxStatus, sandboxStatus } from './status.ts';
