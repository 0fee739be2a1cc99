/** What `cloud-init status --format json` says of a boot. */
export type CloudInitStatus = {
  /** `absent`: the system has no cloud-init, or it is switched off. `degraded`: done, with complaints. */
  readonly state: 'running' | 'done' | 'degraded' | 'failed' | 'absent';
  /** The stage that it is in or ended in, as it names it (`modules-config`). */
  readonly stage?: string;
  /** What went wrong, in its own words. */
  readonly reasons: readonly string[];
};

/**
 * Reads the answer of `cloud-init status --format json` with its exit code: 0 done, 1 failed, and since
 * 23.4 also 2, done with errors that it got over. Undefined where it is no answer of cloud-init.
 */
export function readCloudInitStatus(text: string, exitCode: number): CloudInitStatus | undefined {
  const fields = parseObject(text);
  const status = fields?.get('status');
  if (!fields || typeof status !== 'string') return undefined;
  const recovered = recoveredErrors(fields.get('recoverable_errors'));
  const errors = texts(fields.get('errors'));
  const stage = stageOf(fields);
  const said = (state: CloudInitStatus['state'], reasons: readonly string[]): CloudInitStatus => ({
    state,
    reasons,
    ...(stage !== undefined && { stage }),
  });
  switch (status) {
    case 'disabled':
      return said('absent', []);
    case 'error':
      return said('failed', errors);
    case 'done':
      return exitCode === 2 || isDegraded(fields) || recovered.length > 0
        ? said('degraded', [...errors, ...recovered])
        : said('done', []);
    default:
      return said('running', []);
  }
}

type Fields = ReadonlyMap<string, unknown>;

function isDegraded(fields: Fields): boolean {
  const extended = fields.get('extended_status');
  return typeof extended === 'string' && extended.startsWith('degraded');
}

function stageOf(fields: Fields): string | undefined {
  const stage = fields.get('stage');
  if (typeof stage === 'string' && stage !== '') return stage;
  // Before 23.4 it stands in the description only.
  const detail = fields.get('detail');
  return typeof detail === 'string' ? /^Running in stage: (.+)$/.exec(detail)?.[1] : undefined;
}

/** Lists of messages by their level. */
function recoveredErrors(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}
