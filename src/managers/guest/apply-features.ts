import { planFeatures } from '../../guest/plan-features.ts';
import { recordNeeds } from './record-needs.ts';
import type { GuestStep } from './input.ts';

/** Installs in the running guest the features that the folder lists. */
export const applyFeatures: GuestStep = { name: 'apply_features', needs: recordNeeds, plan: planFeatures };
