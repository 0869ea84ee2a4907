import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { CommandedOrderV1 } from '@isthmus/contracts';
import { Pool } from 'pg';
import type { Change, Purchase } from '../domain/purchase.ts';
import type { Refusal } from '../domain/write-intent.entity.ts';
import type { Progress } from '../domain/progress.ts';
import type { ChangeIntent, Intent, PurchaseIntent } from '../domain/intent.ts';
import { intentColumns } from './intent-columns.ts';

/** Whose writes they are. */
export interface Owner {
  tenantId: string;
  connectorId: string;
}

interface NewIntent {
  key: string;
  ownKey: boolean;
  askedBy: string;
  customerId?: string;
  subscriptionId?: string;
}

/** Write intents; the unique key of those in force decides which of several equal requests comes first. */
@Injectable()
export class Intents {
  constructor(private readonly pool: Pool) {}

  /** The purchase with this key that is under way or ended less than `windowHours` ago, or a new one. */
  async takePurchase(
    owner: Owner,
    wish: Purchase,
    intent: NewIntent,
    windowHours: number,
  ): Promise<PurchaseIntent> {
    await this.#query(
      `update write_intents set in_force = false where tenant_id = $1 and connector_id = $2 and kind = 'purchase' and key = $3
         and in_force and not own_key and status = 'done' and finished_at < now() - make_interval(mins => $4)`,
      [owner.tenantId, owner.connectorId, intent.key, Math.round(windowHours * 60)],
    );
    return this.#take<PurchaseIntent>(owner, 'purchase', wish, intent);
  }

  /** The change with this key that is under way, or a new one. */
  takeChange(owner: Owner, wish: Change, intent: NewIntent): Promise<ChangeIntent> {
    return this.#take<ChangeIntent>(owner, 'change', wish, intent);
  }

  async #take<R extends Intent>(
    owner: Owner,
    kind: R['kind'],
    wish: object,
    { key, ownKey, askedBy, customerId, subscriptionId }: NewIntent,
  ): Promise<R> {
    const id = randomUUID();
    const values = [id, owner.tenantId, owner.connectorId, kind, key, ownKey, customerId, subscriptionId];
    await this.#query(
      `insert into write_intents (id, tenant_id, connector_id, kind, key, own_key, in_force, status, customer_id,
         subscription_id, wish, order_ids, handed_over, asked_by, created_at)
       values ($1, $2, $3, $4, $5, $6, true, 'open', $7, $8, $9, '[]', false, $10, now()) on conflict do nothing`,
      [...values, JSON.stringify(wish), askedBy],
    );
    const [row] = await this.#query<R>(
      `select ${intentColumns} from write_intents i
       where tenant_id = $1 and connector_id = $2 and kind = $3 and key = $4 and in_force`,
      [owner.tenantId, owner.connectorId, kind, key],
    );
    // The one that was first has been refused between the two statements: then this one is the first.
    return row ?? this.#take<R>(owner, kind, wish, { key, ownKey, askedBy, customerId, subscriptionId });
  }

  /** What is ordered for it, settled once before anything is sent: a later try sends the same whatever has changed since. */
  async settleOrders(intent: Intent, orders: readonly CommandedOrderV1[]): Promise<CommandedOrderV1[]> {
    const [row] = await this.#query<{ orders: CommandedOrderV1[] }>(
      `update write_intents set orders = coalesce(orders, $3) where tenant_id = $1 and id = $2 returning orders`,
      [intent.tenantId, intent.id, JSON.stringify(orders)],
    );
    return row!.orders;
  }

  /** Its orders have been taken over; of several requests that say so, the first one counts. */
  async ordered<R extends Intent>(intent: R, orderIds: readonly string[]): Promise<R> {
    await this.#query(
      `update write_intents set status = 'ordered', order_ids = $3 where tenant_id = $1 and id = $2 and status = 'open'`,
      [intent.tenantId, intent.id, JSON.stringify(orderIds)],
    );
    return this.#again(intent);
  }

  /** Notes how its orders stand. What has ended stays ended; a change that has ended may be asked for again. */
  async note<R extends Intent>(intent: R, progress: Progress): Promise<R> {
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
    return this.#again(intent);
  }

  /** It was as asked already; nothing was ordered for it. */
  async nothingToDo(intent: Intent): Promise<void> {
    await this.#query(
      `update write_intents set status = 'done', in_force = false, handed_over = true, finished_at = now()
       where tenant_id = $1 and id = $2 and status = 'open'`,
      [intent.tenantId, intent.id],
    );
  }

  /** What it means cannot be told. Of several requests, one that could tell it goes on. */
  async refuseUnsettled(intent: Intent, refusal: Refusal): Promise<void> {
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

  async handedOver(intent: Intent): Promise<void> {
    const text = 'update write_intents set handed_over = true where tenant_id = $1 and id = $2';
    await this.#query(text, [intent.tenantId, intent.id]);
  }

  /** Purchases of a customer that have or may get a subscription, and those of subscriptions that it has now, whoever bought them. */
  purchasesOf(
    owner: Owner,
    customerId: string,
    subscriptionIds: readonly string[],
  ): Promise<PurchaseIntent[]> {
    return this.#query(
      `select ${intentColumns} from write_intents i where tenant_id = $1 and connector_id = $2
         and (customer_id = $3 or subscription_id = any($4)) and kind = 'purchase' and status in ('ordered', 'done')
       order by created_at`,
      [owner.tenantId, owner.connectorId, customerId, subscriptionIds],
    );
  }

  /** The purchase with this id, or the one that brought the subscription with this id about. */
  async purchase(owner: Owner, id: string): Promise<PurchaseIntent | undefined> {
    const [row] = await this.#query<PurchaseIntent>(
      `select ${intentColumns} from write_intents i where tenant_id = $1 and connector_id = $2 and kind = 'purchase'
         and (id = $3 or subscription_id = $3) and status <> 'open'`,
      [owner.tenantId, owner.connectorId, id],
    );
    return row;
  }

  /** Ids and part numbers of purchases that brought a subscription about, by subscription-lifecycle's id of it. */
  async bought({ tenantId, connectorId }: Owner): Promise<Map<string, { id: string; partNumber: string }>> {
    const rows = await this.#query<{ id: string; partNumber: string; subscriptionId: string }>(
      `select id, wish->>'partNumber' as "partNumber", subscription_id as "subscriptionId" from write_intents
       where tenant_id = $1 and connector_id = $2 and kind = 'purchase' and subscription_id is not null`,
      [tenantId, connectorId],
    );
    return new Map(rows.map(({ subscriptionId, ...purchase }) => [subscriptionId, purchase]));
  }

  /** Changes of a subscription that are under way, the oldest first. */
  changesUnderWay(owner: Owner, subscriptionId: string): Promise<ChangeIntent[]> {
    return this.#query(
      `select ${intentColumns} from write_intents i where tenant_id = $1 and connector_id = $2 and subscription_id = $3
         and kind = 'change' and status = 'ordered' order by created_at`,
      [owner.tenantId, owner.connectorId, subscriptionId],
    );
  }

  /**
   * When the change with this key came about, if another one of the same line came about after it, and that within the
   * last `minutes`.
   */
  async overtaken(
    owner: Owner,
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
      [owner.tenantId, owner.connectorId, subscriptionId, key, minutes, entryId],
    );
    return row?.at ?? null;
  }

  /** Of all tenants: what is under way, or done and not handed over yet. */
  unfinished(limit: number): Promise<Intent[]> {
    return this.#query(
      `select ${intentColumns} from write_intents i where status = 'ordered' or (status = 'done' and not handed_over)
       order by created_at limit $1`,
      [limit],
    );
  }

  async #again<R extends Intent>({ tenantId, id }: R): Promise<R> {
    const text = `select ${intentColumns} from write_intents i where tenant_id = $1 and id = $2`;
    const [row] = await this.#query<R>(text, [tenantId, id]);
    return row!;
  }

  async #query<R extends object>(text: string, values: unknown[]): Promise<R[]> {
    return (await this.pool.query<R>(text, values)).rows;
  }
}
