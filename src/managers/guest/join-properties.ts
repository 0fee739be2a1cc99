import type { Scalar, Value } from '../../model/value.ts';

/**
 * A property string whose parts may be values that the node invents. The part with an empty name
 * stands first and bare. Without such a value it is a plain text.
 */
export function joinProperties(parts: Iterable<readonly [string, Scalar]>): Value {
  const joined: Scalar[] = [];
  const append = (text: string): void => {
    const last = joined.at(-1);
    if (typeof last === 'string') joined[joined.length - 1] = last + text;
    else joined.push(text);
  };
  for (const [name, value] of parts) {
    const prefix = (joined.length > 0 ? ',' : '') + (name === '' ? '' : `${name}=`);
    if (prefix !== '') append(prefix);
    if (typeof value === 'object') joined.push(value);
    else append(String(value));
  }
  const [only] = joined;
  return joined.length === 1 && only !== undefined ? only : joined;
}
