export { renderDiagnostics } from './diagnostics.ts';
export { resultDocument } from './document.ts';
export { escapeControl } from './escape.ts';
export type { Describe, Output, RenderOptions } from './output.ts';
export { renderPlan } from './plan.ts';
export { createReporter, type Reporter, type ReporterOptions } from './reporter.ts';
export { renderResult } from './result.ts';
export { wantsColour } from './style.ts';
