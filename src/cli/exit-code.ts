/** What `phoenix` exits with. */
export const EXIT = {
  done: 0,
  failed: 1,
  changes: 2,
  left: 3,
  usage: 64,
  config: 65,
  unreachable: 69,
  bug: 70,
  rebootNeeded: 75,
  interrupted: 130,
  /** Ended by a fault that a test asked for. */
  killed: 137,
} as const;

/**
 * The exit code of several runs in one command: an interruption first, then failures, then what was
 * left for lack of consent.
 */
export function worstExitCode(codes: readonly number[]): number {
  const order = [EXIT.interrupted, EXIT.bug, EXIT.unreachable, EXIT.failed, EXIT.rebootNeeded, EXIT.left];
  return order.find((code) => codes.includes(code)) ?? codes.find((code) => code !== EXIT.done) ?? EXIT.done;
}
