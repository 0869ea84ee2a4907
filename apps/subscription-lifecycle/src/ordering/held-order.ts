import type { OrderRecord } from '../domain/order/order-record.ts';
import type { SeatLot } from '../domain/nce/seat-lots.ts';
import type { LostChange } from '../domain/schedule/lost-changes.ts';

/** An order that one worker holds. Writing it takes the token and the version it was read with. */
export interface HeldOrder {
  readonly tenantId: string;
  readonly connectorId: string;
  readonly order: OrderRecord;
  /** Counts up each time somebody takes the order; an older one writes nothing. */
  readonly fence: number;
  readonly version: number;
  /** Longest time that CMP took to show an order of this connector; ms. */
  readonly longestSeen: number;
  /** Of the subscription changed; null when nobody knows when its seats were added. */
  readonly lots: readonly SeatLot[] | null;
  /** What CMP keeps for the renewal of the same subscription. */
  readonly kept?: readonly LostChange[] | null;
  /** Of the command, if it was traced. */
  readonly traceparent?: string | null;
}
