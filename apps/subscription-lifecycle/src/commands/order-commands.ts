import { Injectable } from '@nestjs/common';
import { Asker } from '@isthmus/messaging';
import { TenantStore, type Answer, type IdempotentRequest } from '@isthmus/service-kit';
import type { OrderAsk } from '../domain/order/order-ask.ts';
import { showRecord, type OrderView } from '../http/order.view.ts';
import type { PlaceOrder } from '../http/place-order.dto.ts';
import { Orders } from '../persistence/orders.ts';
import { readSubscription } from '../persistence/queries.ts';
import { askOfChange } from './ask-of-change.ts';
import { askOfPurchase } from './ask-of-purchase.ts';

/** Who wants it done, for the books. */
export interface Orderer {
  /** The subject of a person, or the name of a service. */
  subject: string;
  correlationId: string;
}

/** A command as CMP would be asked for it. */
export interface MeantOrder {
  ask: OrderAsk;
  connectorId: string;
  /** Ours; null for a purchase. */
  subscriptionId: string | null;
}

/** What can be commanded about orders: one door for people over HTTP and for other services over asks. */
@Injectable()
export class OrderCommands {
  constructor(
    private readonly store: TenantStore,
    private readonly orders: Orders,
    private readonly asker: Asker,
  ) {}

  /**
   * Takes an order over, once per key of the request; 202 with where to follow it. Nothing is sent to CMP here.
   * @throws OrderRefused, SubscriptionNotFound, AccountNotFound; `AskTimedOut` and the like when the catalogue is away
   */
  async place(
    request: IdempotentRequest,
    body: PlaceOrder,
    { subject, correlationId }: Orderer,
  ): Promise<Answer<OrderView>> {
    const { tenantId } = request;
    const meant = await this.meaningOf(tenantId, body);
    const consent = {
      highestTotal: body.highestTotal ? { ...body.highestTotal } : null,
      extraProducts: body.extraProducts ?? [],
    };
    const command = { tenantId, ...meant, consent, askedBy: subject, correlationId };
    const answer = await this.orders.place(request, command, (record) =>
      showRecord(record, meant.subscriptionId),
    );
    return answer as Answer<OrderView>;
  }

  /** What an order would mean at CMP; refuses what is known to be impossible. Stores nothing. */
  async meaningOf(tenantId: string, body: PlaceOrder): Promise<MeantOrder> {
    const rows = this.store.rows(tenantId);
    if (body.kind === 'create') return askOfPurchase(body, rows, this.asker);
    const row = await readSubscription(rows, body.subscriptionId!);
    return { ask: askOfChange(body, row, Date.now()), connectorId: row.connectorId, subscriptionId: row.id };
  }
}
