import type { Secret } from '../../model/value.ts';
import type { Path } from '../parse/tree.ts';
import type { RawGuest } from '../raw-guest.ts';
import type { SecretReference } from '../schema/secret.ts';
import { didYouMean } from '../suggest.ts';
import type { FeatureContext } from './features-of.ts';
import type { LoadedFeature } from './load-features.ts';

/** Options as a guest gives them. */
export type Given = Readonly<Record<string, string | number | boolean | SecretReference>>;

/** A feature in a guest's list: its place and its options with theirs. */
export type Entry = {
  readonly name: string;
  readonly path: Path;
  readonly options: ReadonlyMap<string, { value: Given[string]; path: Path }>;
};

/** The options of a feature: what the guest sets, else the manifest's defaults. What is wrong is reported. */
export function optionsOf(
  guest: RawGuest,
  entry: Entry,
  feature: LoadedFeature,
  context: FeatureContext,
): Readonly<Record<string, string | Secret>> {
  const declared = feature.manifest.options ?? {};
  const result: Record<string, string | Secret> = {};
  for (const [name, { value, path }] of entry.options) {
    const option = Object.hasOwn(declared, name) ? declared[name] : undefined;
    const position = guest.at(...path);
    const report = (
      code: 'bad-value' | 'literal-secret' | 'unknown-option',
      summary: string,
      remedy?: string,
    ): void => context.findings.add(code, { summary, remedy, position, target: guest.vmid });
    if (!option) {
      const names = Object.keys(declared);
      const known =
        names.length === 0 ? `${entry.name} has no options.` : `${entry.name} has ${names.join(', ')}.`;
      const remedy = [didYouMean(name, names), known].filter(Boolean).join(' ');
      context.findings.add('unknown-option', {
        summary: 'A feature has no such option',
        remedy,
        position: guest.keyAt(...path),
        target: guest.vmid,
      });
    } else if (typeof value === 'object') {
      result[name] = context.secrets(value, { position, target: guest.vmid });
    } else if (option.secret) {
      report('literal-secret', `The option ${name} must be a secret reference`);
    } else if (option.values && !option.values.includes(String(value))) {
      report(
        'bad-value',
        `The option ${name} must be one of its values`,
        `It takes ${option.values.join(', ')}.`,
      );
    } else {
      result[name] = String(value);
    }
  }
  for (const [name, option] of Object.entries(declared)) {
    if (entry.options.has(name)) continue;
    if (option.default !== undefined) result[name] = option.default;
    else if (option.required) {
      context.findings.add('missing-option', {
        summary: "A feature's required option is missing",
        detail: `${entry.name} needs the option ${name}: ${option.description}`,
        remedy: `Add { "name": "${entry.name}", "options": { "${name}": … } }.`,
        position: guest.at(...entry.path),
        target: guest.vmid,
      });
    }
  }
  return result;
}
