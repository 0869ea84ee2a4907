import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ChangeSubscription, PlaceOrders, type CommandedOrderV1 } from '@isthmus/contracts';
import { AskRefused, Asker } from '@isthmus/messaging';
import { WriteRefused } from '../domain/errors.ts';
import type { Intent } from '../domain/intent.ts';
import { Intents } from '../persistence/intents.ts';

/** What says nothing about the order: somebody else is away, or something broke. */
const passing = /^(ask|nats)\./;

/** Has subscription-lifecycle carry out what was asked for, once however often it is called. */
@Injectable()
export class OrderIntents {
  constructor(
    private readonly asker: Asker,
    private readonly intents: Intents,
  ) {}

  /**
   * Has the orders of a write taken over; they are known there by the intent's id.
   * @throws WriteRefused when they cannot be carried out; then nothing was ordered and the write may be asked for anew
   */
  async order<I extends Intent>(intent: I, orders: CommandedOrderV1[]): Promise<I> {
    if (intent.status !== 'open') return intent;
    const { id: key, tenantId, connectorId, askedBy } = intent;
    const settled = await this.intents.settleOrders(intent, orders);
    const question = { tenantId, connectorId, key, askedBy, orders: settled };
    try {
      const placed = await this.asker.ask(PlaceOrders, question, { deadlineMs: 15_000 });
      const orderIds = placed.orders.map(({ orderId }) => orderId);
      return await this.intents.ordered(intent, orderIds);
    } catch (error) {
      if (!(error instanceof AskRefused) || passing.test(error.code)) throw error;
      const { code, message: detail, nextStep } = error;
      await this.intents.refuse(intent, { code, detail, nextStep });
      throw new WriteRefused(code, detail, nextStep);
    }
  }

  /** Passes on what a purchase asked for beyond what an order can carry, once its subscription is known. */
  async handOver(intent: Intent): Promise<void> {
    if (intent.kind !== 'purchase' || intent.status !== 'done' || intent.handedOver) return;
    const { id, tenantId, connectorId, subscriptionId, askedBy, wish } = intent;
    if (subscriptionId === null) return;
    const of = { tenantId, connectorId, askedBy };
    const { friendlyName } = wish;
    if (friendlyName !== null)
      await this.asker.ask(ChangeSubscription, { ...of, subscriptionId, friendlyName });
    if (wish.autoRenew === false) {
      const order = { kind: 'renewal-setting' as const, subscriptionId, autoRenew: false };
      await this.asker.ask(PlaceOrders, { ...of, key: derivedKey(id), orders: [order] });
    }
    await this.intents.handedOver(intent);
  }
}

/** @throws WriteRefused when nothing came of the write */
export function requireNotRefused({ status, refusal }: Intent): void {
  if (status !== 'refused') return;
  const { code = 'order.refused', detail = 'CMP refused the order.', nextStep } = refusal ?? {};
  throw new WriteRefused(code, detail, nextStep);
}

/** Always the same of the same purchase, so that it is ordered once. */
function derivedKey(id: string): string {
  const hex = hash('sha256', `${id} auto-renew`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
