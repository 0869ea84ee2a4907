import { instruments } from '@isthmus/messaging';
import type { Attributes } from '@opentelemetry/api';

/**
 * All our own names of span attributes and metrics. `docs/telemetry.md` describes each; a spec compares the two. Names from
 * OpenTelemetry's semantic conventions are used unchanged and not repeated there.
 */
export const attributes = {
  tenantId: 'isthmus.tenant.id',
  correlationId: 'isthmus.correlation.id',
  connectorId: 'isthmus.connector.id',
  problemType: 'isthmus.problem.type',
  syncRunId: 'isthmus.sync_run.id',
  orderId: 'isthmus.order.id',
  cmpOperation: 'isthmus.cmp.operation',
  cmpCorrelationId: 'isthmus.cmp.correlation.id',
  cmpLane: 'isthmus.cmp.lane',
} as const;

export type AttributeName = (typeof attributes)[keyof typeof attributes];

/** Metrics by name: what they are and what one counts. Prometheus writes `.` as `_` and adds `_total` to counters. */
export const metricNames = {
  'http.server.request.duration': { kind: 'histogram', unit: 's', description: 'Duration of a request.' },
  'isthmus.http.problems': {
    kind: 'counter',
    unit: '{problem}',
    description: 'Problem responses, by status and type.',
  },
  'isthmus.auth.tokens_verified': {
    kind: 'counter',
    unit: '{token}',
    description: 'Bearer tokens verified, by outcome.',
  },
  'isthmus.idempotency.requests': {
    kind: 'counter',
    unit: '{request}',
    description: 'Commands with an Idempotency-Key, by outcome: first, replayed, running, mismatch.',
  },
  'isthmus.cmp.calls': {
    kind: 'counter',
    unit: '{call}',
    description: 'Calls to CMP, by operation, lane and outcome.',
  },
  'isthmus.cmp.call.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Duration of a call to CMP, by operation.',
  },
  'isthmus.cmp.budget.wait': {
    kind: 'histogram',
    unit: 's',
    description: 'Time a call waited for the call budget, by lane.',
  },
  'isthmus.sync.records': {
    kind: 'counter',
    unit: '{record}',
    description: 'Records read by a sync, by scope and result.',
  },
  'isthmus.sync.runs': {
    kind: 'counter',
    unit: '{run}',
    description: 'Sync runs ended, by scope and status.',
  },
  'isthmus.orders.ended': {
    kind: 'counter',
    unit: '{order}',
    description: 'Orders that reached an end state, by kind and status.',
  },
  'isthmus.webhook.deliveries': {
    kind: 'counter',
    unit: '{delivery}',
    description: 'Delivery attempts, by outcome.',
  },
  'isthmus.backlog': {
    kind: 'gauge',
    unit: '{item}',
    description: 'Work that is due, queued or in progress, by kind.',
  },
  'isthmus.attention': {
    kind: 'gauge',
    unit: '{item}',
    description: 'What waits for a person, by kind.',
  },
  'isthmus.age': {
    kind: 'gauge',
    unit: 's',
    description:
      'How old the oldest thing of a kind is: data of connectors, an event that is to be published.',
  },
} as const satisfies Record<
  string,
  { kind: 'counter' | 'histogram' | 'gauge'; unit: string; description: string }
>;

type NamesOf<K extends string> = {
  [N in keyof typeof metricNames]: (typeof metricNames)[N]['kind'] extends K ? N : never;
}[keyof typeof metricNames];

export type CounterName = NamesOf<'counter'>;
export type HistogramName = NamesOf<'histogram'>;
export type GaugeName = NamesOf<'gauge'>;

const meter = 'isthmus';

/** A counter of `names.ts`. May be created at module level: the instrument itself is created at first use. */
export function counter(name: CounterName): { add(value: number, attributes?: Attributes): void } {
  const { unit, description } = metricNames[name];
  const use = instruments(meter, (current) => current.createCounter(name, { unit, description }));
  return { add: (value, attributes) => use().add(value, attributes) };
}

/** A histogram of `names.ts`, in seconds. May be created at module level, like a counter. */
export function histogram(name: HistogramName): { record(seconds: number, attributes?: Attributes): void } {
  const { unit, description } = metricNames[name];
  const use = instruments(meter, (current) => current.createHistogram(name, { unit, description }));
  return { record: (seconds, attributes) => use().record(seconds, attributes) };
}
