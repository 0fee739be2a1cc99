import type { DesiredFeature } from '../../model/desired.ts';
import type { Findings } from '../diagnose.ts';
import type { Path } from '../parse/tree.ts';
import type { RawGuest } from '../raw-guest.ts';
import type { SecretReader } from '../secrets.ts';
import { didYouMean } from '../suggest.ts';
import { digestOf } from './digest.ts';
import type { Features, LoadedFeature } from './load-features.ts';
import { type Entry, type Given, optionsOf } from './options-of.ts';

export type FeatureContext = {
  readonly features: Features;
  readonly findings: Findings;
  readonly secrets: SecretReader;
  /** Names that the guest has from the guests it is cloned from. */
  readonly inherited: (guest: RawGuest) => ReadonlySet<string>;
  /** A key of the guest's configuration, or of the file's root. */
  readonly input: (guest: RawGuest, key: string) => unknown;
};

/** The features of a guest in the order in which they are applied: what one needs comes before it. */
export function featuresOf(guest: RawGuest, context: FeatureContext): readonly DesiredFeature[] {
  const entries = entriesOf(guest, context.findings);
  const ordered: DesiredFeature[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (entry: Entry): void => {
    if (state.get(entry.name) === 'done') return;
    if (state.get(entry.name) === 'open') {
      context.findings.add('feature-cycle', {
        summary: 'Features need each other in a circle',
        detail: [...state]
          .filter(([, mark]) => mark === 'open')
          .map(([name]) => name)
          .concat(entry.name)
          .join(' -> '),
        position: guest.at(...entry.path),
        target: guest.vmid,
      });
      return;
    }
    state.set(entry.name, 'open');
    const feature = usable(guest, entry, context);
    if (feature) {
      for (const need of feature.manifest.needs ?? []) {
        const other = entries.get(need);
        if (other) visit(other);
        else if (!context.inherited(guest).has(need)) reportNeed(guest, entry, need, context.findings);
      }
      ordered.push(desiredFeature(guest, entry, feature, context));
    }
    state.set(entry.name, 'done');
  };
  for (const entry of entries.values()) visit(entry);
  return ordered;
}

/** The names in a guest's own list. */
export function featureNames(config: RawGuest['config']): readonly string[] {
  return (config.features ?? []).map((feature) => (typeof feature === 'string' ? feature : feature.name));
}

function entriesOf(guest: RawGuest, findings: Findings): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const extra = guest.config.feature_options ?? {};
  for (const [index, feature] of (guest.config.features ?? []).entries()) {
    const name = typeof feature === 'string' ? feature : feature.name;
    const options: Entry['options'] = new Map([
      ...placed(Object.hasOwn(extra, name) ? extra[name] : undefined, ['feature_options', name]),
      ...placed(typeof feature === 'string' ? undefined : feature.options, ['features', index, 'options']),
    ]);
    if (entries.has(name)) {
      findings.add('duplicate-item', {
        summary: 'A feature stands twice',
        position: guest.at('features', index),
        target: guest.vmid,
      });
    } else {
      entries.set(name, { name, path: ['features', index], options });
    }
  }
  for (const name of Object.keys(extra)) {
    if (entries.has(name)) continue;
    findings.add('unused-option', {
      summary: 'Options are set for a feature that the guest does not have',
      position: guest.keyAt('feature_options', name),
      remedy: didYouMean(name, entries.keys()) ?? `Add "${name}" to features, or remove its options.`,
      target: guest.vmid,
    });
  }
  return entries;
}

function placed(options: Given | undefined, path: Path): [string, { value: Given[string]; path: Path }][] {
  return Object.entries(options ?? {}).map(([name, value]) => [name, { value, path: [...path, name] }]);
}

function usable(guest: RawGuest, entry: Entry, context: FeatureContext): LoadedFeature | undefined {
  const { features, findings } = context;
  const feature = features.get(entry.name);
  const position = guest.at(...entry.path);
  if (feature === 'broken') return undefined;
  if (!feature) {
    const suggestion = didYouMean(entry.name, features.names);
    findings.add('unknown-feature', {
      summary: 'A feature does not exist',
      detail: [`Neither the folder nor Phoenix has a feature ${JSON.stringify(entry.name)}.`, suggestion]
        .filter(Boolean)
        .join(' '),
      remedy: `Create features/${entry.name}/ with feature.json, check and install, or correct the name.`,
      position,
      target: guest.vmid,
    });
    return undefined;
  }
  if (feature.kinds.includes(guest.kind)) return feature;
  findings.add('feature-kind', {
    summary: 'A feature does not work in this kind of guest',
    detail: `${entry.name} is for ${feature.kinds.join(', ')} only.`,
    position,
    target: guest.vmid,
  });
  return undefined;
}

function reportNeed(guest: RawGuest, entry: Entry, need: string, findings: Findings): void {
  findings.add('feature-needs', {
    summary: 'A feature needs another one',
    detail: `${entry.name} needs ${need}, which neither this guest nor the one it is cloned from has.`,
    remedy: `Add "${need}" to features.`,
    position: guest.at(...entry.path),
    target: guest.vmid,
  });
}

function desiredFeature(
  guest: RawGuest,
  entry: Entry,
  feature: LoadedFeature,
  context: FeatureContext,
): DesiredFeature {
  const { manifest, check, install, files, name } = feature;
  const options = optionsOf(guest, entry, feature, context);
  const inputs: Record<string, unknown> = {};
  for (const key of manifest.inputs ?? []) {
    const value = context.input(guest, key);
    if (value !== undefined) inputs[key] = value;
  }
  return {
    name,
    needs: manifest.needs ?? [],
    // Asked for by runs only; validating need not pay for it.
    get digest() {
      return digestOf({ feature: feature.digest(), options, inputs });
    },
    options,
    inputs,
    check,
    install,
    files,
    timeoutMs: 1000 * (manifest.timeout_seconds ?? 900),
  };
}
