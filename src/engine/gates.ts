/** Limits on what may run at once. An operation passes all of its gates together or waits. */
export type Gates = {
  /** Resolves once every gate is held; the result gives them back. */
  readonly enter: (names: readonly string[]) => Promise<() => void>;
};

type Gate = { readonly width: number; held: number; readonly queue: Waiter[] };
type Waiter = { readonly gates: readonly Gate[]; readonly start: () => void };

/**
 * Gates of the given widths (at least 1). Nobody holds one gate while waiting for another, so no
 * order of names can lock up; whoever waits stands at the first gate that is full.
 */
export function createGates(widthOf: (name: string) => number): Gates {
  const gates = new Map<string, Gate>();

  const gateOf = (name: string): Gate => {
    const known = gates.get(name);
    if (known) return known;
    const gate: Gate = { width: Math.max(1, widthOf(name) || 1), held: 0, queue: [] };
    gates.set(name, gate);
    return gate;
  };

  return {
    enter: (names) =>
      new Promise((resolve) => {
        const wanted = [...new Set(names)].map(gateOf);
        tryStart({ gates: wanted, start: () => resolve(releaseOnce(wanted)) });
      }),
  };
}

function tryStart(waiter: Waiter): void {
  const full = waiter.gates.find((gate) => gate.held >= gate.width);
  if (full) {
    full.queue.push(waiter);
    return;
  }
  for (const gate of waiter.gates) gate.held += 1;
  waiter.start();
}

function releaseOnce(held: readonly Gate[]): () => void {
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    for (const gate of held) gate.held -= 1;
    for (const gate of held) admit(gate);
  };
}

function admit(gate: Gate): void {
  while (gate.held < gate.width) {
    const next = gate.queue.shift();
    if (!next) return;
    tryStart(next);
  }
}
