import type { Money } from '@isthmus/domain';
import type { Acceptance } from './cmp-signs.ts';
import type { OrderParameter } from './order-ask.ts';
import type { OrderReason } from './order-reason.ts';
import type { SeenOrder } from './seen-order.ts';

/**
 * What a step brought to light. `since` is the instant before the first reading: a worker may have stood still for hours
 * between looking and telling, and what was seen is as old as the look.
 *
 * Only `not-sent` says that a POST did not reach CMP; silence never does. `clear`: CMP's words say no, in a way that one
 * complete look without a trace is enough to believe.
 */
export type Evidence =
  | {
      saw: 'checks-passed';
      seatsBefore: number | null;
      since: number;
      /** CMP's estimate of the whole order. */
      estimated?: Money | undefined;
      /** With those that CMP asked for. */
      parameters?: OrderParameter[] | undefined;
    }
  | { saw: 'acceptance-needed'; acceptance: Acceptance }
  | { saw: 'already-so'; detail: string }
  | { saw: 'checks-refused'; reason: OrderReason }
  | { saw: 'answered'; order: SeenOrder }
  | { saw: 'carried-out' }
  | { saw: 'refused-by-cmp'; reason: OrderReason }
  | { saw: 'conflict'; reason: OrderReason }
  | { saw: 'not-sent'; reason: OrderReason; retryAfter: number | null }
  | { saw: 'no-answer'; reason: OrderReason; words: string | null; clear?: boolean }
  | { saw: 'found'; order: SeenOrder }
  | { saw: 'absent'; since: number }
  | { saw: 'several'; cmpOrderIds: string[] }
  | { saw: 'lookalike'; cmpOrderId: string; why: string }
  | { saw: 'followed'; order: SeenOrder }
  | { saw: 'missing'; reason: OrderReason }
  | { saw: 'withdrawal-refused'; reason: OrderReason }
  | { saw: 'effect' }
  | { saw: 'no-effect'; difference: string }
  | { saw: 'call-failed'; reason: OrderReason; retryAfter: number | null; paused?: boolean };

export type Seen<Kind extends Evidence['saw']> = Extract<Evidence, { saw: Kind }>;
