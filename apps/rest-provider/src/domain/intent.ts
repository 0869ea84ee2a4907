import type { CommandedOrderV1 } from '@isthmus/contracts';
import type { Change, Purchase } from './purchase.ts';
import type { IntentStatus, Refusal } from './write-intent.entity.ts';

interface AnyIntent {
  id: string;
  tenantId: string;
  connectorId: string;
  key: string;
  ownKey: boolean;
  inForce: boolean;
  status: IntentStatus;
  customerId: string | null;
  subscriptionId: string | null;
  orderIds: string[];
  orders: CommandedOrderV1[] | null;
  refusal: Refusal | null;
  handedOver: boolean;
  askedBy: string;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface PurchaseIntent extends AnyIntent {
  kind: 'purchase';
  customerId: string;
  wish: Purchase;
}

export interface ChangeIntent extends AnyIntent {
  kind: 'change';
  subscriptionId: string;
  wish: Change;
}

/** A write that a client asked for. */
export type Intent = PurchaseIntent | ChangeIntent;
