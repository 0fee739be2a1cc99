import { hostOperations } from '../operations.ts';

/** What prepares the system, in its step's name. */
export const system = hostOperations('prepare_system');
