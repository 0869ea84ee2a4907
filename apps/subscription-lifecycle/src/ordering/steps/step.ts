import type { CmpOrdering } from '../cmp-ordering.ts';
import type { HeldOrder } from '../held-order.ts';
import type { OrderingPorts } from '../ordering-ports.ts';

/** Does one thing about an order and answers it as stored afterwards. */
export type StepAction = (held: HeldOrder, ports: OrderingPorts, cmp: CmpOrdering) => Promise<HeldOrder>;
