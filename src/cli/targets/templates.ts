import type { DesiredContainer } from '../../model/desired.ts';

/**
 * Leaves out what is there to be cloned and never to run: templates, and golden containers, whose
 * snapshot is what clones start from.
 */
export function withoutTemplates(containers: readonly DesiredContainer[]): readonly DesiredContainer[] {
  return containers.filter((container) => !isTemplate(container));
}

/** Is the container a template or a golden one? */
export function isTemplate(
  container: Pick<DesiredContainer, 'isTemplate' | 'templateSnapshotName'>,
): boolean {
  return container.isTemplate || container.templateSnapshotName !== undefined;
}
