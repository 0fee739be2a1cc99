export { renderDiagnostics } from './diagnostics.ts';
export { resultDocument } from './document.ts';
export { renderPlan } from './plan.ts';
export { createReporter, type Reporter } from './reporter.ts';
export { renderResult } from './result.ts';
export { wantsColour } from './style.ts';
