export { renderDiagnostics } from './diagnostics.ts';
export { renderPlan } from './plan.ts';
export { wantsColour } from './style.ts';
export { escapeControl } from './escape.ts';
