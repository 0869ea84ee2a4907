import { randomUUID } from 'node:crypto';
import type { RequestedOrderV1 } from '@isthmus/contracts';
import { compiledOnce, statementsOf } from '@isthmus/messaging';
import { defineEntity, type EntityData, type FilterQuery, p, raw } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Injectable } from '@nestjs/common';
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
  runningStatuses,
  isRejectedApproval,
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
    { name: 'write_intents_newest', properties: ['tenantId', 'createdAt', 'id'] },
    { name: 'write_intents_awaiting', properties: ['id'], where: `status = 'awaiting-approval'` },
  ],
  properties: {
    /** For a purchase, also the id of the subscription as clients know it. */
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    kind: p.enum(intentKinds),
    /** Identifies repetitions of a request; unique among active intents. */
    key: p.text(),
    /** True if the client chose the key; it is then never released. */
    ownKey: p.boolean(),
    /** An equal request is this one. */
    inForce: p.boolean(),
    status: p.enum(intentStatuses),
    /** Only for a purchase. */
    customerId: p.uuid().strictNullable(),
    /** subscription-lifecycle's id; of a purchase once it is known. */
    subscriptionId: p.uuid().strictNullable(),
    requested: p.json().columnType('json').fieldName('wish').$type<Purchase | Change>(),
    /** The orders to place for it, fixed before the first attempt. */
    orders: p.json().columnType('json').$type<RequestedOrderV1[]>().strictNullable(),
    orderIds: p.json().columnType('json').$type<string[]>(),
    refusal: p.json().columnType('json').$type<Refusal>().strictNullable(),
    /** True once friendly name and auto-renew of a purchase have been passed on. */
    handedOver: p.boolean(),
    requestedBy: p.text().fieldName('requested_by'),
    createdAt: p.datetime(),
    finishedAt: p.datetime().strictNullable(),
  },
});

/** The table of write intents. */
export class WriteIntent extends schema.class {}
schema.setClass(WriteIntent);

const statements = statementsOf<typeof WriteIntent>();

const purchasesOf = compiledOnce(
  (em, tenantId: string, connectorId: string, customerId: string, subscriptionIds: readonly string[]) =>
    statements(em)
      .selectFrom('WriteIntent')
      .selectAll()
      .where('tenantId', '=', tenantId)
      .where('connectorId', '=', connectorId)
      .where('kind', '=', 'purchase')
      .where('status', 'in', ['ordered', 'done'])
      .where((eb) =>
        eb.or([
          eb('customerId', '=', customerId),
          eb('subscriptionId', '=', sql<string>`any(${subscriptionIds}::uuid[])`),
        ]),
      )
      .orderBy('createdAt'),
);

const purchaseOf = compiledOnce((em, tenantId: string, connectorId: string, id: string) =>
  statements(em)
    .selectFrom('WriteIntent')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .where('connectorId', '=', connectorId)
    .where('kind', '=', 'purchase')
    .where('status', '<>', 'open')
    .where((eb) => eb.or([eb('id', '=', id), eb('subscriptionId', '=', id)])),
);

interface NewIntent {
  key: string;
  ownKey: boolean;
  requestedBy: string;
  customerId?: string;
  subscriptionId?: string;
}

const oldestFirst = { orderBy: { createdAt: 'asc' } } as const;

/** Write intents; the unique key of the active ones decides which of several equal requests comes first. */
@Injectable()
export class WriteIntentStore {
  constructor(private readonly orm: MikroORM) {}

  /** The purchase with this key that is in progress or ended less than `windowHours` ago, or a new one. */
  async findOrAddPurchase(
    connector: ConnectorRef,
    requested: Purchase,
    intent: NewIntent,
    windowHours: number,
  ): Promise<PurchaseIntent> {
    const { tenantId, connectorId } = connector;
    const windowStart = raw('now() - make_interval(mins => ?)', [Math.round(windowHours * 60)]);
    await this.#em().nativeUpdate(
      WriteIntent,
      {
        tenantId,
        connectorId,
        kind: 'purchase',
        key: intent.key,
        inForce: true,
        ownKey: false,
        status: 'done',
        finishedAt: { $lt: windowStart },
      },
      { inForce: false },
    );
    return this.#findOrAdd<PurchaseIntent>(connector, 'purchase', requested, intent, windowHours);
  }

  /** The change with this key that is in progress or was rejected by a person less than `windowHours` ago, or a new one. */
  findOrAddChange(
    connector: ConnectorRef,
    requested: Change,
    intent: NewIntent,
    windowHours: number,
  ): Promise<ChangeIntent> {
    return this.#findOrAdd<ChangeIntent>(connector, 'change', requested, intent, windowHours);
  }

  async #findOrAdd<R extends Intent>(
    { tenantId, connectorId }: ConnectorRef,
    kind: R['kind'],
    requested: Purchase | Change,
    intent: NewIntent,
    windowHours: number,
  ): Promise<R> {
    const { customerId = null, subscriptionId = null, ...rest } = intent;
    await statements(this.#em())
      .insertInto('WriteIntent')
      .values(({ fn }) => ({
        ...rest,
        id: randomUUID(),
        tenantId,
        connectorId,
        kind,
        customerId,
        subscriptionId,
        requested,
        inForce: true,
        status: 'open',
        orders: null,
        orderIds: [],
        refusal: null,
        handedOver: false,
        createdAt: fn<Date>('now'),
        finishedAt: null,
      }))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const found = await this.#em().findOne(WriteIntent, {
      tenantId,
      connectorId,
      kind,
      key: intent.key,
      inForce: true,
    });
    const again = () => this.#findOrAdd<R>({ tenantId, connectorId }, kind, requested, intent, windowHours);
    // The one that was first has been refused between the two statements: then this one is the first.
    if (!found) return again();
    const { status, finishedAt } = found;
    if (status === 'refused' && Date.now() - finishedAt!.getTime() >= windowHours * 3_600_000) {
      await this.#update(found as Intent, { status }, { inForce: false });
      return again();
    }
    return found as Intent as R;
  }

  /** Fixes the orders once, before anything is sent: a later attempt sends the same orders, whatever has changed since. */
  async fixOrders(intent: Intent, orders: readonly RequestedOrderV1[]): Promise<RequestedOrderV1[]> {
    await this.#update(intent, { orders: null }, { orders: [...orders] });
    return (await this.#reread(intent)).orders!;
  }

  /** Records that the orders have been placed; if several requests placed them, the first one counts. */
  async markOrdered<R extends Intent>(
    intent: R,
    orderIds: readonly string[],
    status: (typeof runningStatuses)[number],
  ): Promise<R> {
    await this.#update(intent, { status: 'open' }, { status, orderIds: [...orderIds] });
    return this.#reread(intent);
  }

  /** Records how its orders stand. What has ended stays ended; a change that has ended may be requested again. */
  async recordProgress<R extends Intent>(intent: R, progress: Progress): Promise<R> {
    const { status, subscriptionId, refusal } = progress;
    if (status === intent.status && (subscriptionId ?? null) === intent.subscriptionId) return intent;
    const isChangeDone = intent.kind === 'change' && status === 'done';
    const hasEnded = status === 'done' || status === 'refused';
    await this.#update(
      intent,
      { status: { $ne: 'refused' } },
      {
        status,
        refusal,
        finishedAt: hasEnded ? raw('coalesce(finished_at, now())') : null,
        ...(subscriptionId && { subscriptionId }),
        ...(((status === 'refused' && !isRejectedApproval(refusal)) || isChangeDone) && { inForce: false }),
        ...(isChangeDone && { handedOver: true }),
      },
    );
    return this.#reread(intent);
  }

  /** The subscription was already as requested; nothing was ordered. */
  async completeWithoutOrder(intent: Intent): Promise<void> {
    const done = { status: 'done', inForce: false, handedOver: true, finishedAt: raw('now()') } as const;
    await this.#update(intent, { status: 'open' }, done);
  }

  /**
   * Refuses the intent because its product could not be resolved. If several requests tried, one that did resolve it continues.
   */
  async refuseUnlessFixed(intent: Intent, refusal: Refusal): Promise<void> {
    await this.#update(intent, { status: 'open', orders: null }, refusedFor(refusal));
  }

  /** Refuses the intent; nothing was ordered for it. */
  async refuse(intent: Intent, refusal: Refusal): Promise<void> {
    await this.#update(intent, { status: 'open' }, refusedFor(refusal));
  }

  async markHandedOver(intent: Intent): Promise<void> {
    await this.#update(intent, {}, { handedOver: true });
  }

  /**
   * Purchases of a customer that have or may get a subscription, and those of subscriptions that it has now, no matter who
   * bought them.
   */
  async purchasesOf(
    { tenantId, connectorId }: ConnectorRef,
    customerId: string,
    subscriptionIds: readonly string[],
  ): Promise<PurchaseIntent[]> {
    const found = await purchasesOf(this.#em(), tenantId, connectorId, customerId, subscriptionIds);
    return found as Intent[] as PurchaseIntent[];
  }

  /** The purchase with this id, or the one that created the subscription with this id. */
  async purchase({ tenantId, connectorId }: ConnectorRef, id: string): Promise<PurchaseIntent | undefined> {
    const [found] = await purchaseOf(this.#em(), tenantId, connectorId, id);
    return found as Intent | undefined as PurchaseIntent | undefined;
  }

  /**
   * Ids and part numbers of purchases that created a subscription, keyed by the id that the subscription has in
   * subscription-lifecycle.
   */
  async boughtSubscriptions({
    tenantId,
    connectorId,
  }: ConnectorRef): Promise<Map<string, { id: string; partNumber: string }>> {
    const found = await this.#em().find(
      WriteIntent,
      { tenantId, connectorId, kind: 'purchase', subscriptionId: { $ne: null } },
      { fields: ['id', 'subscriptionId', 'requested'] },
    );
    return new Map(
      found.map(({ id, subscriptionId, requested }) => [
        subscriptionId!,
        { id, partNumber: (requested as Purchase).partNumber },
      ]),
    );
  }

  /**
   * Changes of a subscription that an equal request is part of, the oldest first: those in progress, and those that a person
   * rejected less than `windowHours` ago.
   */
  async standingChanges(
    { tenantId, connectorId }: ConnectorRef,
    subscriptionId: string,
    windowHours: number,
  ): Promise<ChangeIntent[]> {
    const rejected = {
      ...({ status: 'refused', inForce: true } as const),
      finishedAt: { $gt: raw('now() - make_interval(mins => ?)', [Math.round(windowHours * 60)]) },
    };
    const where: FilterQuery<WriteIntent> = {
      ...({ tenantId, connectorId, subscriptionId, kind: 'change' } as const),
      $or: [{ status: { $in: [...runningStatuses] } }, rejected],
    };
    return (await this.#em().find(WriteIntent, where, oldestFirst)) as Intent[] as ChangeIntent[];
  }

  /**
   * Returns when the change with this key took effect, if a different change of the same line took effect after it, within the
   * last `minutes`.
   */
  async supersededAt(
    { tenantId, connectorId }: ConnectorRef,
    subscriptionId: string,
    { key, entryId }: { key: string; entryId?: string | null },
    minutes: number,
  ): Promise<Date | null> {
    const lately = await this.#em().find(
      WriteIntent,
      {
        tenantId,
        connectorId,
        subscriptionId,
        kind: 'change',
        status: 'done',
        finishedAt: { $gt: raw('now() - make_interval(mins => ?)', [minutes]) },
      },
      { orderBy: { finishedAt: 'desc' } },
    );
    const ordered = lately.filter(
      ({ orderIds, requested }) =>
        orderIds.length > 0 && ((requested as Change).entryId ?? null) === (entryId ?? null),
    );
    // Uses PostgreSQL's order, because its timestamps have three digits more than a Date.
    const index = ordered.findIndex((change) => change.key === key);
    return index > 0 ? ordered[index]!.finishedAt : null;
  }

  /** Intents of all tenants that are in progress, or done and not handed over yet. */
  async unfinished(limit: number): Promise<Intent[]> {
    const where: FilterQuery<WriteIntent> = {
      $or: [{ status: 'ordered' }, { status: 'done', handedOver: false }],
    };
    return (await this.#em().find(WriteIntent, where, { ...oldestFirst, limit })) as Intent[];
  }

  /** Intents of all tenants that wait for an approval, with ids greater than `afterId`. */
  async awaitingApproval(limit: number, afterId: string): Promise<Intent[]> {
    const where = { status: 'awaiting-approval', id: { $gt: afterId } } as const;
    return (await this.#em().find(WriteIntent, where, { orderBy: { id: 'asc' }, limit })) as Intent[];
  }

  async #reread<R extends Intent>({ tenantId, id }: R): Promise<R> {
    return (await this.#em().findOneOrFail(WriteIntent, { tenantId, id })) as Intent as R;
  }

  #update(
    { tenantId, id }: Intent,
    where: FilterQuery<WriteIntent>,
    data: EntityData<WriteIntent>,
  ): Promise<number> {
    return this.#em().nativeUpdate(WriteIntent, { $and: [{ tenantId, id }, where] }, data);
  }

  #em() {
    return this.orm.em.fork();
  }
}

const refusedFor = (refusal: Refusal) =>
  ({ status: 'refused', inForce: false, refusal, finishedAt: raw('now()') }) as const;
