import type { Money, Period } from '@isthmus/domain';
import type { SeatLot } from '../nce/seat-lots.ts';
import type { SeatReading } from './seat-readings.ts';
import type { TermEvidence } from './term-start.ts';

/** A product within a subscription. */
export interface SubscriptionLine {
  vendor: string;
  mpn: string;
  cmpProductId: string;
  name: string;
  seats: number;
  unitPrice: Money | null;
  unitCost: Money | null;
  /** The vendor's own id, at Microsoft a GUID. */
  vendorSubscriptionId: string | null;
}

/** With these a subscription is over: CMP's own words, and ours for one that CMP no longer lists or whose connector was removed. */
export const endedStatuses = ['terminated', 'removed', 'no-longer-listed', 'connector-removed'] as const;
export const isEnded = (status: string): boolean => (endedStatuses as readonly string[]).includes(status);

/** What CMP tells of a subscription. Days are `YYYY-MM-DD`. */
export interface ProviderFacts {
  name: string;
  /** CMP's word. */
  status: string;
  autoRenew: boolean;
  creationDate: string | null;
  renewalDate: string | null;
  expirationDate: string | null;
  billingPeriod: Period | null;
  term: Period | null;
  /** Null while only CMP's list was read, which has no lines. */
  lines: SubscriptionLine[] | null;
}

/** A subscription as we keep it, with its seat lots. Instants are milliseconds, UTC. */
export interface SubscriptionState extends ProviderFacts {
  /** Of all lines; null while unknown. */
  lots: SeatLot[] | null;
  /** Purchase or last renewal; null when nobody knows. */
  termStartedAt: number | null;
  /** The mirror's version that this is of; older news changes nothing. */
  providerVersion: number;
  /** When CMP was read. */
  asOf: number;
  /** What the beginning of the term is worked out from; absent of what was stored before this was kept. */
  evidence?: TermEvidence;
  /** What the lots are worked out from, together with the orders. */
  readings?: SeatReading[];
}

/** Whether it runs on unrenewed, month by month, in an extended service term. */
export const isExtended = ({ evidence }: SubscriptionState): boolean =>
  (evidence?.extendedSince ?? null) !== null;
