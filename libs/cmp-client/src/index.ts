export * from './assumptions.ts';
export { lanes, type Lane } from './budget/ledger.ts';
export { budgetKey, InMemoryBudgetStore, type BudgetStore } from './budget/budget-store.ts';
export { type BudgetUsage, type LaneUsage, readBudget } from './budget/budget-usage.ts';
export * from './budget/call-budget.ts';
export type { CmpCall, CmpConnection } from './call/exchange.ts';
export * from './cmp-client.ts';
export * from './errors.ts';
export * from './listing.ts';
export * from './probe/probe-connection.ts';
export {
  probeCauses,
  probeSteps,
  type ProbeCause,
  type ProbeStep,
  type ProbeStepName,
} from './probe/probe-steps.ts';
export {
  clipped,
  maxNameLength,
  readParameter,
  readPeriod,
  storable,
  type CmpParameter,
  type CmpPeriod,
} from './records/fields.ts';
export type { KnownRecord, KnownRecords, ListedRecord, ReadListed } from './records/known-records.ts';
export * from './records/read-record.ts';
export * from './resources/customers.ts';
export * from './resources/orders.ts';
export * from './resources/parameters.ts';
export * from './resources/products.ts';
export * from './resources/reports.ts';
export type { CallOptions, PageQuery } from './resources/sender.ts';
export * from './resources/subscriptions.ts';
export type { components, operations, paths } from './generated/simple-api.ts';
