import type { Money } from '@isthmus/domain';
import type { Acceptance } from './cmp-signs.ts';

/** What CMP's answer says about an order, as far as following it needs. */
export interface SeenOrder {
  cmpOrderId: string;
  cmpOrderNumber: string | null;
  /** CMP's word: submitted, processing, completed, error, cancelled, unknown. */
  status: string;
  statusCode: string | null;
  /** Of the asked product, as soon as CMP tells. */
  cmpSubscriptionId: string | null;
  /** By CMP's clock. */
  createdAt: number | null;
  /** What the order costs by CMP; absent where it does not tell. */
  total?: Money | undefined;
  /** Somebody has to confirm it in the control panel. */
  held?: boolean;
  /** The customer has to accept something first. */
  acceptance?: Acceptance | null;
}
