export { worldFromObservation } from './from-observation.ts';
export { createMemoryHost } from './memory-host.ts';
export { twinNode, type TwinNode, type TwinNodeOptions } from './node.ts';
export type { Fault, Faults } from './strike.ts';
export { runTool } from './tools.ts';
export { freshWorld, type World } from './world.ts';
