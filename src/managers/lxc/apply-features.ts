import { planFeatures } from '../../guest/plan-features.ts';
import type { LxcStep } from './input.ts';

/** Installs in the running container the features that the folder lists. */
export const applyFeatures: LxcStep = { name: 'apply_features', plan: planFeatures };
