import type { Position } from '../model/diagnostic.ts';
import type { Target } from '../model/target.ts';
import type { Path } from './parse/tree.ts';
import type { SecretReference } from './schema/secret.ts';
import type { SecretReader } from './secrets.ts';

/** A checked value with every secret reference in it made a secret. */
export function withSecrets(
  value: unknown,
  context: {
    readonly secrets: SecretReader;
    readonly at: (...path: Path) => Position;
    readonly target: Target;
  },
  path: Path = [],
): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withSecrets(item, context, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  if (isReference(value)) {
    return context.secrets(value, { position: context.at(...path), target: context.target });
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, withSecrets(child, context, [...path, key])]),
  );
}

function isReference(value: object): value is SecretReference {
  return 'from_env' in value || 'from_file' in value || 'from_command' in value;
}
