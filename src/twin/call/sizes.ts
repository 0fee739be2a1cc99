const FACTORS = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 } as const;

/** Bytes of a size such as `8G`, `1.5G`, `512MiB` or `4096`; undefined where it is none. */
export function readSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(?:([KMGT])(?:iB)?)?$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const unit = match[2] as keyof typeof FACTORS | undefined;
  return Math.trunc(Number(match[1]) * (unit === undefined ? 1 : FACTORS[unit]));
}

/** Bytes in the largest unit that divides them: `8G`, `2560M`; nothing at all is `0T`. */
export function printSize(bytes: number): string {
  let value = Math.trunc(bytes);
  let unit = '';
  for (const next of ['K', 'M', 'G', 'T']) {
    if (value % 1024 !== 0) break;
    value /= 1024;
    unit = next;
  }
  return `${value}${unit}`;
}
