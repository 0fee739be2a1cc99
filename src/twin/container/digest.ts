import { ToolError } from '../call/errors.ts';

/** Refuses to change a file that is not the one whose digest the caller knows; `begin` begins the message. */
export function refuseModified(expected: string | undefined, found: string, begin = ''): void {
  if (expected !== undefined && expected !== '' && expected !== found) {
    throw new ToolError(`${begin}detected modified configuration - file changed by other user? Try again.`);
  }
}
