export * from './conformance-step.ts';
export * from './conformance-table.ts';
export type { ConformanceOptions } from './conformance-target.ts';
export * from './run-conformance.ts';
export * from './steps/conformance-steps.ts';
