import type { ObservedUnit } from '../../model/observed-host.ts';

/** Units by name, from what `systemctl show -p Id,UnitFileState,ActiveState` printed. */
export function observedUnits(text: string): ReadonlyMap<string, ObservedUnit> {
  return new Map(
    text.split('\n\n').flatMap((paragraph) => {
      const values = new Map(
        paragraph
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      const name = values.get('Id');
      const state = values.get('UnitFileState') ?? '';
      if (name === undefined || state === '') return [];
      const unit = { enabled: state === 'enabled', active: values.get('ActiveState') === 'active' };
      return [[name, unit] as const];
    }),
  );
}
