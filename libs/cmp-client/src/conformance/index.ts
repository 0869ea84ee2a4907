export type { ConformanceOptions, ConformanceStep, Observation } from './conformance-step.ts';
export { conformanceSteps, conformanceTable, runConformance, type StepReport } from './run-conformance.ts';
