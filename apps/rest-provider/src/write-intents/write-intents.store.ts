import { randomUUID } from 'node:crypto';
import type { CommandedOrderV1 } from '@isthmus/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { ConnectorRef } from '../work365/work365-client.ts';
import {
  type Change,
  type ChangeIntent,
  type Intent,
  intentKinds,
  intentStatuses,
  type Progress,
  type Purchase,
  type PurchaseIntent,
  type Refusal,
} from './write-intent.ts';

const schema = defineEntity({
  name: 'WriteIntent',
  tableName: 'write_intents',
  uniques: [
    {
      name: 'write_intents_once',
      properties: ['tenantId', 'connectorId', 'kind', 'key'],
      where: 'in_force',
    },
  ],
  indexes: [
    {
      name: 'write_intents_of_customer',
      properties: ['tenantId', 'connectorId', 'customerId'],
      where: `kind = 'purchase'`,
    },
    {
      name: 'write_intents_of_subscription',
      properties: ['tenantId', 'connectorId', 'subscriptionId'],
      where: 'subscription_id is not null',
    },
    {
      name: 'write_intents_unfinished',
      properties: ['createdAt'],
      where: `status = 'ordered' or (status = 'done' and not handed_over)`,
    },
  ],
  properties: {
    /** Of a purchase: the id of the subscription, as our clients know it. */
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    kind: p.enum(intentKinds),
    /** What makes two requests the same; unique among active intents. */
    key: p.text(),
    /** Whether the client chose the key; then it never becomes free. */
    ownKey: p.boolean(),
    /** An equal request is this one. */
    inForce: p.boolean(),
    status: p.enum(intentStatuses),
    /** Of a purchase. */
    customerId: p.uuid().strictNullable(),
    /** subscription-lifecycle's id; of a purchase once it is known. */
    subscriptionId: p.uuid().strictNullable(),
    requested: p.json().columnType('json').fieldName('wish').$type<Purchase | Change>(),
    /** The orders sent for it, fixed before the first attempt. */
    orders: p.json().columnType('json').$type<CommandedOrderV1[]>().strictNullable(),
    orderIds: p.json().columnType('json').$type<string[]>(),
    refusal: p.json().columnType('json').$type<Refusal>().strictNullable(),
    /** Whether friendly name and auto-renew of a purchase have been passed on. */
    handedOver: p.boolean(),
    requestedBy: p.text().fieldName('asked_by'),
    createdAt: p.datetime(),
    finishedAt: p.datetime().strictNullable(),
  },
});

/** The table of write intents. */
export class WriteIntent extends schema.class {}
schema.setClass(WriteIntent);

const columns = `i.id, i.tenant_id as "tenantId", i.connector_id as "connectorId", i.kind, i.key,
  i.own_key as "ownKey", i.in_force as "inForce", i.status, i.customer_id as "customerId",
  i.subscription_id as "subscriptionId", i.wish as requested, i.order_ids as "orderIds", i.orders, i.refusal, i.handed_over as "handedOver",
  i.asked_by as "requestedBy", i.created_at as "createdAt", i.finished_at as "finishedAt"`;

interface NewIntent {
  key: string;
  ownKey: boolean;
  requestedBy: string;
  customerId?: string;
  subscriptionId?: string;
}

/** Write intents; the unique key of the active ones decides which of several equal requests comes first. */
@Injectable()
export class WriteIntentStore {
  constructor(private readonly pool: Pool) {}

  /** The purchase with this key that is in progress or ended less than `windowHours` ago, or a new one. */
  async findOrAddPurchase(
    connector: ConnectorRef,
    requested: Purchase,
    intent: NewIntent,
    windowHours: number,
  ): Promise<PurchaseIntent> {
    await this.#query(
      `update write_intents set in_force = false where tenant_id = $1 and connector_id = $2 and kind = 'purchase' and key = $3
         and in_force and not own_key and status = 'done' and finished_at < now() - make_interval(mins => $4)`,
      [connector.tenantId, connector.connectorId, intent.key, Math.round(windowHours * 60)],
    );
    return this.#findOrAdd<PurchaseIntent>(connector, 'purchase', requested, intent);
  }

  /** The change with this key that is in progress, or a new one. */
  findOrAddChange(connector: ConnectorRef, requested: Change, intent: NewIntent): Promise<ChangeIntent> {
    return this.#findOrAdd<ChangeIntent>(connector, 'change', requested, intent);
  }

  async #findOrAdd<R extends Intent>(
    connector: ConnectorRef,
    kind: R['kind'],
    requested: object,
    { key, ownKey, requestedBy, customerId, subscriptionId }: NewIntent,
  ): Promise<R> {
    const id = randomUUID();
    const values = [
      id,
      connector.tenantId,
      connector.connectorId,
      kind,
      key,
      ownKey,
      customerId,
      subscriptionId,
    ];
    await this.#query(
      `insert into write_intents (id, tenant_id, connector_id, kind, key, own_key, in_force, status, customer_id,
         subscription_id, wish, order_ids, handed_over, asked_by, created_at)
       values ($1, $2, $3, $4, $5, $6, true, 'open', $7, $8, $9, '[]', false, $10, now()) on conflict do nothing`,
      [...values, JSON.stringify(requested), requestedBy],
    );
    const [row] = await this.#query<R>(
      `select ${columns} from write_intents i
       where tenant_id = $1 and connector_id = $2 and kind = $3 and key = $4 and in_force`,
      [connector.tenantId, connector.connectorId, kind, key],
    );
    // The one that was first has been refused between the two statements: then this one is the first.
    return (
      row ??
      this.#findOrAdd<R>(connector, kind, requested, { key, ownKey, requestedBy, customerId, subscriptionId })
    );
  }

  /** What is ordered for it, fixed once before anything is sent: a later attempt sends the same, whatever has changed since. */
  async fixOrders(intent: Intent, orders: readonly CommandedOrderV1[]): Promise<CommandedOrderV1[]> {
    const [row] = await this.#query<{ orders: CommandedOrderV1[] }>(
      `update write_intents set orders = coalesce(orders, $3) where tenant_id = $1 and id = $2 returning orders`,
      [intent.tenantId, intent.id, JSON.stringify(orders)],
    );
    return row!.orders;
  }

  /** Its orders have been placed; of several requests that placed them, the first one counts. */
  async markOrdered<R extends Intent>(intent: R, orderIds: readonly string[]): Promise<R> {
    await this.#query(
      `update write_intents set status = 'ordered', order_ids = $3 where tenant_id = $1 and id = $2 and status = 'open'`,
      [intent.tenantId, intent.id, JSON.stringify(orderIds)],
    );
    return this.#reread(intent);
  }

  /** Records how its orders stand. What has ended stays ended; a change that has ended may be requested again. */
  async recordProgress<R extends Intent>(intent: R, progress: Progress): Promise<R> {
    const { status, subscriptionId, refusal } = progress;
    if (status === intent.status && (subscriptionId ?? null) === intent.subscriptionId) return intent;
    await this.#query(
      `update write_intents set status = $3, subscription_id = coalesce($4, subscription_id), refusal = $5,
         in_force = in_force and $3 <> 'refused' and (kind = 'purchase' or $3 <> 'done'),
         handed_over = handed_over or (kind = 'change' and $3 = 'done'),
         finished_at = case when $3 in ('done', 'refused') then coalesce(finished_at, now()) end
       where tenant_id = $1 and id = $2 and status <> 'refused'`,
      [intent.tenantId, intent.id, status, subscriptionId, refusal && JSON.stringify(refusal)],
    );
    return this.#reread(intent);
  }

  /** The subscription was already as requested; nothing was ordered. */
  async completeWithoutOrder(intent: Intent): Promise<void> {
    await this.#query(
      `update write_intents set status = 'done', in_force = false, handed_over = true, finished_at = now()
       where tenant_id = $1 and id = $2 and status = 'open'`,
      [intent.tenantId, intent.id],
    );
  }

  /** What it stands for could not be resolved. Of several requests, the one that resolved it continues. */
  async refuseUnlessFixed(intent: Intent, refusal: Refusal): Promise<void> {
    await this.#query(
      `update write_intents set status = 'refused', in_force = false, refusal = $3, finished_at = now()
       where tenant_id = $1 and id = $2 and status = 'open' and orders is null`,
      [intent.tenantId, intent.id, JSON.stringify(refusal)],
    );
  }

  /** Nothing was ordered for it. */
  async refuse(intent: Intent, refusal: Refusal): Promise<void> {
    await this.#query(
      `update write_intents set status = 'refused', in_force = false, refusal = $3, finished_at = now()
       where tenant_id = $1 and id = $2 and status = 'open'`,
      [intent.tenantId, intent.id, JSON.stringify(refusal)],
    );
  }

  async markHandedOver(intent: Intent): Promise<void> {
    const text = 'update write_intents set handed_over = true where tenant_id = $1 and id = $2';
    await this.#query(text, [intent.tenantId, intent.id]);
  }

  /**
   * Purchases of a customer that have or may get a subscription, and those of subscriptions that it has now, no matter who
   * bought them.
   */
  purchasesOf(
    connector: ConnectorRef,
    customerId: string,
    subscriptionIds: readonly string[],
  ): Promise<PurchaseIntent[]> {
    return this.#query(
      `select ${columns} from write_intents i where tenant_id = $1 and connector_id = $2
         and (customer_id = $3 or subscription_id = any($4)) and kind = 'purchase' and status in ('ordered', 'done')
       order by created_at`,
      [connector.tenantId, connector.connectorId, customerId, subscriptionIds],
    );
  }

  /** The purchase with this id, or the one that created the subscription with this id. */
  async purchase(connector: ConnectorRef, id: string): Promise<PurchaseIntent | undefined> {
    const [row] = await this.#query<PurchaseIntent>(
      `select ${columns} from write_intents i where tenant_id = $1 and connector_id = $2 and kind = 'purchase'
         and (id = $3 or subscription_id = $3) and status <> 'open'`,
      [connector.tenantId, connector.connectorId, id],
    );
    return row;
  }

  /** Ids and part numbers of purchases that created a subscription, by subscription-lifecycle's id of it. */
  async boughtSubscriptions({
    tenantId,
    connectorId,
  }: ConnectorRef): Promise<Map<string, { id: string; partNumber: string }>> {
    const rows = await this.#query<{ id: string; partNumber: string; subscriptionId: string }>(
      `select id, wish->>'partNumber' as "partNumber", subscription_id as "subscriptionId" from write_intents
       where tenant_id = $1 and connector_id = $2 and kind = 'purchase' and subscription_id is not null`,
      [tenantId, connectorId],
    );
    return new Map(rows.map(({ subscriptionId, ...purchase }) => [subscriptionId, purchase]));
  }

  /** Changes of a subscription that are in progress, the oldest first. */
  changesInProgress(connector: ConnectorRef, subscriptionId: string): Promise<ChangeIntent[]> {
    return this.#query(
      `select ${columns} from write_intents i where tenant_id = $1 and connector_id = $2 and subscription_id = $3
         and kind = 'change' and status = 'ordered' order by created_at`,
      [connector.tenantId, connector.connectorId, subscriptionId],
    );
  }

  /**
   * When the change with this key took effect, if another one of the same line took effect after it, and that within the
   * last `minutes`.
   */
  async supersededAt(
    connector: ConnectorRef,
    subscriptionId: string,
    { key, entryId = null }: { key: string; entryId?: string | null },
    minutes: number,
  ): Promise<Date | null> {
    const [row] = await this.#query<{ at: Date | null }>(
      `with done as (select key, finished_at from write_intents where tenant_id = $1 and connector_id = $2
         and subscription_id = $3 and kind = 'change' and status = 'done' and order_ids::text <> '[]'
         and wish ->> 'entryId' is not distinct from $6),
       last as (select max(finished_at) as at from done where key = $4 and finished_at > now() - make_interval(mins => $5))
       select at from last where exists (select 1 from done where key <> $4 and finished_at > last.at)`,
      [connector.tenantId, connector.connectorId, subscriptionId, key, minutes, entryId],
    );
    return row?.at ?? null;
  }

  /** Of all tenants: what is in progress, or done and not handed over yet. */
  unfinished(limit: number): Promise<Intent[]> {
    return this.#query(
      `select ${columns} from write_intents i where status = 'ordered' or (status = 'done' and not handed_over)
       order by created_at limit $1`,
      [limit],
    );
  }

  async #reread<R extends Intent>({ tenantId, id }: R): Promise<R> {
    const text = `select ${columns} from write_intents i where tenant_id = $1 and id = $2`;
    const [row] = await this.#query<R>(text, [tenantId, id]);
    return row!;
  }

  async #query<R extends object>(text: string, values: unknown[]): Promise<R[]> {
    return (await this.pool.query<R>(text, values)).rows;
  }
}
