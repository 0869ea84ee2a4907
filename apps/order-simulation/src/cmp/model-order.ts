import type { ModelLot } from './model-term.ts';
import type { CmpOrderDetail, CmpOrderRequest, CmpPeriod } from '@isthmus/cmp-client';

/** An order inside the model of CMP. */
export interface ModelOrder {
  id: string;
  /** What was posted; absent for orders that CMP or somebody in the portal made. */
  posted: CmpOrderRequest | null;
  type: CmpOrderDetail['type'];
  customerId: string;
  subscriptionId?: string | undefined;
  poNumber?: string | undefined;
  attributes: Record<string, string>;
  lines: { mpn: string; quantity: number; target: number; terms?: ModelTerms | undefined }[];
  scheduled: boolean;
  createdAt: number;
  status: 'submitted' | 'processing' | 'completed' | 'error' | 'cancelled';
  /** What will become of it, decided when it was made. */
  fate: 'effect' | 'no-effect' | 'other-effect' | 'error';
  completedAt?: number;
}

/** In which of the ways it is sold something was bought. */
export interface ModelTerms {
  term: CmpPeriod;
  billing: CmpPeriod;
}

export interface ModelSubscription {
  id: string;
  terms: ModelTerms;
  customerId: string;
  status: 'pending' | 'active' | 'terminated';
  mpn: string;
  quantity: number;
  /** A second product, which our orders are never about. */
  addOn?: { mpn: string; quantity: number } | undefined;
  /** Wiped in the portal: neither listed nor found any more. */
  wiped?: boolean;
  autoRenew: boolean;
  openedAt: number;
  /** Purchase or last renewal. */
  termBegan: number;
  termDays: number;
  /** When the term ends, and the next one begins if it renews. */
  renewsAt: number;
  lots: ModelLot[];
  /** The number of the last order about it, which automatic renewals copy. */
  poNumber?: string | undefined;
  /** Counts changes, so that observers can tell old news from new. */
  changes: number;
}

export const hasEffect = ({ fate }: ModelOrder): boolean => fate === 'effect' || fate === 'other-effect';

/** What the order asked for, or one seat more. */
export const seatsAfter = ({ lines, fate }: ModelOrder): number =>
  lines[0]!.target + (fate === 'other-effect' ? 1 : 0);

/** The seats of one of its products, by mpn. */
export const seatsIn = ({ mpn, quantity, addOn }: ModelSubscription, of: string): number | undefined =>
  of === mpn ? quantity : of === addOn?.mpn ? addOn.quantity : undefined;

export const isOpen = ({ status }: ModelOrder): boolean => status === 'submitted' || status === 'processing';
