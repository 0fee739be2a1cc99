/** How a template's archive is made where it can't be downloaded. */
export type TemplateSource = {
  readonly distribution: 'debian' | 'ubuntu';
  readonly suite: string;
  /** The sandbox can't make what the name promises: this is made in its place. */
  readonly isReplacement: boolean;
};

/** Reads out of a template's file name what it holds: `debian-12-standard_12.7-1_amd64.tar.zst`. */
export function templateSource(name: string): TemplateSource {
  const match = /^(debian|ubuntu)-(\d+(?:\.\d+)?)-/.exec(name);
  const distribution = match?.[1] === 'ubuntu' ? 'ubuntu' : 'debian';
  const suite = SUITES.get(`${match?.[1]}-${match?.[2]}`);
  if (suite === undefined) return { distribution: 'debian', suite: 'bookworm', isReplacement: true };
  return { distribution, suite, isReplacement: false };
}

const SUITES: ReadonlyMap<string, string> = new Map([
  ['debian-11', 'bullseye'],
  ['debian-12', 'bookworm'],
  ['debian-13', 'trixie'],
  ['ubuntu-20.04', 'focal'],
  ['ubuntu-22.04', 'jammy'],
  ['ubuntu-24.04', 'noble'],
]);
