import type { DesiredFeature } from '../model/desired.ts';

/** The features in the order in which they can be applied, or the names of one circle of needs. */
export type FeatureOrder =
  | { readonly ordered: readonly DesiredFeature[] }
  | { readonly circle: readonly string[] };

/**
 * Puts what a feature needs before it and keeps the folder's order otherwise. Needs that are not
 * among `features` are passed over. A circle is given as its names, the first one again at the end.
 */
export function orderFeatures(features: readonly DesiredFeature[]): FeatureOrder {
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  const ordered = new Set<DesiredFeature>();
  for (const feature of features) {
    const circle = place(feature, [], { byName, ordered });
    if (circle) return { circle };
  }
  return { ordered: [...ordered] };
}

type Placing = {
  readonly byName: ReadonlyMap<string, DesiredFeature>;
  readonly ordered: Set<DesiredFeature>;
};

function place(
  feature: DesiredFeature,
  path: readonly string[],
  placing: Placing,
): readonly string[] | undefined {
  if (placing.ordered.has(feature)) return undefined;
  const start = path.indexOf(feature.name);
  if (start !== -1) return [...path.slice(start), feature.name];
  for (const name of feature.needs) {
    const needed = placing.byName.get(name);
    const circle = needed && place(needed, [...path, feature.name], placing);
    if (circle) return circle;
  }
  placing.ordered.add(feature);
  return undefined;
}
