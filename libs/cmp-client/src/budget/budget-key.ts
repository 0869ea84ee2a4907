import { createHash } from 'node:crypto';

/** The cell of a subscription key: its hash, so that the key itself is never stored. Fit for a NATS KV bucket. */
export const budgetKey = (subscriptionKey: string): string =>
  `cmp-budget.${createHash('sha256').update(subscriptionKey).digest('hex').slice(0, 40)}`;
