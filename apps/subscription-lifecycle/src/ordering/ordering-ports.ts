import type { Clock } from '@isthmus/domain';
import type { CmpOrdering } from './cmp-ordering.ts';
import type { HeldOrder } from './held-order.ts';
import type { OrderStore } from './order-store.ts';
import type { OrderingRules } from './ordering-rules.ts';

/** Everything ordering touches outside itself. */
export interface OrderingPorts {
  clock: Clock;
  store: OrderStore;
  /** CMP as the order's connector reaches it; throws when it cannot be reached now. */
  openCmp(held: HeldOrder): Promise<CmpOrdering>;
  rules: OrderingRules;
  /** Runs the work on an order as part of its command's trace. */
  inTraceOf?(held: HeldOrder, work: () => Promise<void>): Promise<void>;
}
