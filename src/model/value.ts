/**
 * A value that must never be shown. It prints as `•••` through every encoder
 * (string, JSON, util.inspect); only `reveal` gives the text, at the moment a node needs it.
 */
export class Secret {
  /** Where the value comes from (`env:X`, `file:PATH`, `command:NAME`); safe to show. */
  readonly reference: string;
  readonly #reveal: () => string;

  constructor(reference: string, reveal: () => string) {
    this.reference = reference;
    this.#reveal = reveal;
  }

  reveal(): string {
    return this.#reveal();
  }

  toString(): string {
    return '•••';
  }

  toJSON(): { secret: string } {
    return { secret: this.reference };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '•••';
  }
}

/**
 * A value that the node invents. It prints as `<volume of /data>` in a plan and is filled from the
 * observation that the step decided on: `digest` of a guest's config, the `volume` mounted at a
 * path, the `mac` of a NIC.
 */
export type Fill = { readonly fill: 'digest' | 'volume' | 'mac'; readonly of: string };

/** A parameter of an operation. A text that holds a fill in its middle is a list of its parts. */
export type Scalar = string | number | boolean | Secret | Fill;
export type Value = Scalar | readonly Scalar[];

/** True for a value that stands for something the node invents. */
export function isFill(value: unknown): value is Fill {
  return typeof value === 'object' && value !== null && 'fill' in value;
}

/** The text of a value as people may see it: secrets as `•••`, fills as `<digest of 101>`. */
export function showValue(value: Value): string {
  if (Array.isArray(value)) return value.map(showValue).join('');
  if (isFill(value)) return `<${value.fill} of ${value.of}>`;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}
