import { type Clock, DomainError } from '@isthmus/domain';
import type { LostChange } from '../../scheduled-changes/scheduled-change.ts';
import type { SeatLot } from '../../subscriptions/rules/seat-lots.ts';
import type { ObservedOrder, OrderRecord } from '../order.ts';
import { outcomeOfFailedSend } from './failed-calls.ts';
import { type CmpOrdering, defaultSigns, likeness, missingEffect, orderRequest } from './order-at-cmp.ts';
import { evaluateChecks } from './order-checks.ts';
import { beginSending, nextStep, takeOver } from './order-policy.ts';
import { defaultRetryPolicy } from './retry-policy.ts';
import { applyOutcome } from './step-outcomes.ts';

/** The ports through which ordering reaches everything outside itself. */
export interface OrderingPorts {
  clock: Clock;
  store: OrderStore;
  /** CMP as the order's connector reaches it; throws when it cannot be reached now. */
  openCmp(claimed: ClaimedOrder): Promise<CmpOrdering>;
  rules: OrderingRules;
  /** Runs the work on an order as part of its command's trace. */
  inTrace?(claimed: ClaimedOrder, work: () => Promise<void>): Promise<void>;
}

/** An order claimed by one worker. Writing it requires the token and the version with which it was read. */
export interface ClaimedOrder {
  readonly tenantId: string;
  readonly connectorId: string;
  readonly order: OrderRecord;
  /** The fencing token: counts up each time the order is taken; an older one writes nothing. */
  readonly fence: number;
  readonly version: number;
  /** Longest time that CMP took to show an order of this connector; ms. */
  readonly longestSeen: number;
  /** Seat lots of the subscription being changed; null if it is unknown when its seats were added. */
  readonly lots: readonly SeatLot[] | null;
  /** Changes that CMP holds for the renewal of the same subscription. */
  readonly kept?: readonly LostChange[] | null;
  /** Trace context of the command, if it was traced. */
  readonly traceparent?: string | null;
}

/** Stores orders between steps. All times are those of the store's clock. */
export interface OrderStore {
  /** Claims a due order for the duration of the lease; null if none is due. */
  claimDue(worker: string): Promise<ClaimedOrder | null>;
  /**
   * Stores the result of a step, with history and event, in one transaction.
   * @throws LeaseLost if another worker has claimed or changed the order meanwhile; then nothing is stored
   */
  save(claimed: ClaimedOrder, next: OrderRecord, more?: SaveMore): Promise<ClaimedOrder>;
  /** Lets go of an order that is to be taken again when its next step is due. */
  release(claimed: ClaimedOrder): Promise<void>;
  /** Records CMP's response about an order that another worker has claimed by now; requires no lease. */
  recordLateResponse(orderId: string, answer: ObservedOrder): Promise<void>;
}

export interface SaveMore {
  /** The delay until CMP showed the order; ms. */
  shownAfter?: number | undefined;
}

/** Every decision of the protocol. The simulation's audit swaps one at a time for a wrong one. */
export const orderingRules = {
  retryPolicy: defaultRetryPolicy,
  nextStep,
  applyOutcome,
  beginSending,
  takeOver,
  evaluateChecks,
  likeness,
  missingEffect,
  orderRequest,
  outcomeOfFailedSend,
  /** The signs by which CMP shows that an order awaits manual intervention. */
  signs: defaultSigns,
  /** Page size and overlap for reading lists of orders. */
  listing: { pageSize: 500, overlap: 10 },
  /** If true, a listing that is not proven complete may still show that an order is absent. */
  trustsIncompleteListings: false,
};

export type OrderingRules = typeof orderingRules;

/**
 * Another worker or a user has claimed or changed the order since this worker read it; the data of this worker is out of date.
 */
export class LeaseLost extends DomainError {
  static override readonly code = 'order.lease-lost';

  constructor(orderId: string, fence: number) {
    super(
      `Order ${orderId} is no longer claimed with token ${fence}; the worker with the current claim continues.`,
    );
  }
}

/** The database could not be reached, or did not confirm whether it stored something. The lease expires on its own. */
export class StoreFailed extends DomainError {
  static override readonly code = 'order.store-failed';

  constructor(options?: ErrorOptions) {
    super('The order store did not respond; the step is repeated when the lease has expired.', options);
  }
}
