import type { OrderingRules } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { RetryPolicy } from '@isthmus/subscription-lifecycle/orders/protocol/retry-policy.ts';
import type { EventRules } from '../world/event-rules.ts';
import type { MemoryStore } from '../world/memory-store.ts';
import type { WorkerWorld } from '../world/world.ts';

/** A mistake one could make, planted into an otherwise right world. */
export interface Bug {
  name: string;
  /** What was done wrong, as one would say it in a review. */
  mistake: string;
  /** A seed that has noticed it, where few do: the audit plays it first. Another one after a change only costs time. */
  seed?: number;
  /** The world with the mistake in it. */
  world?(right: WorkerWorld, store: MemoryStore): WorkerWorld;
}

/** The world with some rules replaced. */
export const withRules = (right: WorkerWorld, wrong: Partial<OrderingRules>): WorkerWorld => ({
  ...right,
  rules: { ...right.rules, ...wrong },
});

export const withEvents = (right: WorkerWorld, wrong: Partial<EventRules>): WorkerWorld => ({
  ...right,
  events: { ...right.events, ...wrong },
});

export const withRetryPolicy = (right: WorkerWorld, wrong: Partial<RetryPolicy>): WorkerWorld =>
  withRules(right, { retryPolicy: { ...right.rules.retryPolicy, ...wrong } });
