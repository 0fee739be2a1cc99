import { fieldsIn } from './lines.ts';

/** Versions of installed packages, from what `dpkg-query` printed: name, version and its state in short. */
export function observedPackages(text: string): ReadonlyMap<string, string> {
  return new Map(
    fieldsIn(text).flatMap(([name = '', version = '', state = '']) =>
      /^[ih]i/.test(state) ? [[name, version] as const] : [],
    ),
  );
}
