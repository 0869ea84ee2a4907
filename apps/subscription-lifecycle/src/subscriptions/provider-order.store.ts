import type { ProviderOrderSeenV1, ProviderOrderSettledV1 } from '@isthmus/contracts';
import type { Message } from '@isthmus/messaging';
import { clientIn } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { statements } from '../tables.ts';
import { knownFromOwnOrder, knownTogether, type KnownOrder } from './rules/terms.ts';
import { explain } from './rules/observe.ts';
import type { ProviderOrderRow, SubscriptionRow } from './subscription.entity.ts';
import { storeStep, subscriptions } from './subscription.store.ts';

/** A subscription by CMP's id. */
interface AtCmp {
  tenantId: string;
  connectorId: string;
  cmpSubscriptionId: string;
}

/**
 * Transactions that store a subscription and those that store one of its orders wait for each other here, until the end of
 * the transaction: otherwise neither would see what the other one has not committed yet.
 */
export const lockExplanations = (em: EntityManager, { connectorId, cmpSubscriptionId }: AtCmp) =>
  clientIn(em).query('select pg_advisory_xact_lock(hashtextextended($1, 7))', [
    `${connectorId} ${cmpSubscriptionId}`,
  ]);

/** Locks a subscription, and what explains it, until the transaction ends; undefined while it is not stored yet. */
export async function lockAtCmp(em: EntityManager, of: AtCmp): Promise<SubscriptionRow | undefined> {
  await lockExplanations(em, of);
  return subscriptions(em)
    .where('s.tenantId', '=', of.tenantId)
    .where('s.connectorId', '=', of.connectorId)
    .where('s.cmpSubscriptionId', '=', of.cmpSubscriptionId)
    .forNoKeyUpdate('s')
    .executeTakeFirst();
}

/**
 * Stores what account-sync publishes about an order of CMP; older events change nothing, and what only the order's detail
 * contains stays known if a list is read after it.
 * @returns the subscriptions that it concerns, as far as known; none if the event was not new
 */
export async function upsertProviderOrder(
  em: EntityManager,
  event: ProviderOrderSeenV1 | ProviderOrderSettledV1,
  { tenantId, aggregateVersion: version }: Pick<Message, 'tenantId' | 'aggregateVersion'>,
): Promise<string[]> {
  const { connectorId, cmpOrderId, cmpSubscriptionId, lines, type, status, asOf } = event;
  const about = [cmpSubscriptionId, ...(lines ?? []).map((line) => line.cmpSubscriptionId)];
  const ids = [...new Set(about.filter((id) => id !== undefined))];
  const row = await statements(em)
    .insertInto('ProviderOrder')
    .values({
      ...{ connectorId, cmpOrderId, tenantId, type, status, version },
      cmpSubscriptionIds: ids,
      orderNumber: event.orderNumber || null,
      createdAt: storable(event.createdAt),
      doneAt: status === 'completed' ? new Date(asOf) : null,
      scheduledOn: event.scheduledOn ?? null,
      upgrade: event.upgrade ?? false,
      lines: lines ?? null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['connectorId', 'cmpOrderId'])
        .doUpdateSet((eb) => ({
          ...{ type, status, version },
          ...(ids.length > 0 ? { cmpSubscriptionIds: eb.ref('excluded.cmpSubscriptionIds') } : {}),
          orderNumber: eb.fn.coalesce('excluded.orderNumber', 'ProviderOrder.orderNumber'),
          createdAt: eb.fn.coalesce('excluded.createdAt', 'ProviderOrder.createdAt'),
          doneAt: eb.fn.coalesce('ProviderOrder.doneAt', 'excluded.doneAt'),
          scheduledOn: eb.fn.coalesce('excluded.scheduledOn', 'ProviderOrder.scheduledOn'),
          ...(event.upgrade ? { upgrade: true } : {}),
          lines: eb.fn.coalesce('excluded.lines', 'ProviderOrder.lines'),
        }))
        .where('ProviderOrder.tenantId', '=', tenantId)
        .where('ProviderOrder.version', '<', version),
    )
    .returning('cmpSubscriptionIds')
    .executeTakeFirst();
  const concerned = row?.cmpSubscriptionIds ?? [];
  await recordConcerned(em, { connectorId, cmpOrderId, tenantId }, concerned);
  return concerned;
}

/** An order may turn out to concern others than was known before. */
async function recordConcerned(
  em: EntityManager,
  order: { connectorId: string; cmpOrderId: string; tenantId: string },
  cmpSubscriptionIds: readonly string[],
): Promise<void> {
  if (cmpSubscriptionIds.length === 0) return;
  await statements(em)
    .deleteFrom('ProviderOrderSubscription')
    .where('connectorId', '=', order.connectorId)
    .where('cmpOrderId', '=', order.cmpOrderId)
    .where('cmpSubscriptionId', 'not in', cmpSubscriptionIds)
    .execute();
  await statements(em)
    .insertInto('ProviderOrderSubscription')
    .values(cmpSubscriptionIds.map((cmpSubscriptionId) => ({ ...order, cmpSubscriptionId })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** A time that is one, and of this era; an absurd one explains nothing. */
function storable(time: string | undefined): Date | null {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) || at < 0 || at > Date.UTC(9999, 0) ? null : new Date(at);
}

/**
 * Returns all completed orders that are known to concern a subscription: CMP's orders, and ours whose record at CMP is not known.
 * An order of ours that is not confirmed may have had no effect, whatever CMP reports about it.
 */
export async function knownOrders(em: EntityManager, of: AtCmp): Promise<KnownOrder[]> {
  const { tenantId, connectorId, cmpSubscriptionId } = of;
  const atCmp = await statements(em)
    .selectFrom('ProviderOrder as p')
    .selectAll('p')
    .where('p.tenantId', '=', tenantId)
    .where('p.connectorId', '=', connectorId)
    .where('p.cmpOrderId', 'in', (eb) =>
      eb
        .selectFrom('ProviderOrderSubscription as of')
        .select('of.cmpOrderId')
        .where('of.connectorId', '=', connectorId)
        .where('of.cmpSubscriptionId', '=', cmpSubscriptionId),
    )
    .where('p.status', '=', 'completed')
    .where('p.type', 'in', ['sales', 'change', 'renewal'])
    .where('p.upgrade', '=', false)
    .where('p.createdAt', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('Order as o')
            .select('o.id')
            .whereRef('o.connectorId', '=', 'p.connectorId')
            .whereRef('o.cmpOrderId', '=', 'p.cmpOrderId')
            .where('o.status', '<>', 'settled'),
        ),
      ),
    )
    .orderBy('p.createdAt', 'desc')
    .limit(500)
    .execute();
  const own = await statements(em)
    .selectFrom('Order')
    .select('record')
    .where('tenantId', '=', tenantId)
    .where('connectorId', '=', connectorId)
    .where('cmpSubscriptionId', '=', cmpSubscriptionId)
    .where('status', '=', 'settled')
    .where('kind', 'in', ['create', 'change-quantity'])
    .orderBy('position', 'desc')
    .limit(500)
    .execute();
  return knownTogether(
    atCmp.map((row) => explanation(row, cmpSubscriptionId)),
    own.flatMap(({ record }) => knownFromOwnOrder(record) ?? []),
  );
}

/** A change that waits for the renewal has totals, not what it adds; the renewal explains it. */
function explanation(row: ProviderOrderRow, cmpSubscriptionId: string): KnownOrder {
  const { cmpOrderId: id, type, createdAt, doneAt, scheduledOn, lines } = row;
  const own = (lines ?? []).filter(
    (line) =>
      (line.cmpSubscriptionId ?? cmpSubscriptionId) === cmpSubscriptionId && Number.isInteger(line.quantity),
  );
  return {
    id,
    number: row.orderNumber ?? id,
    type: type as KnownOrder['type'],
    createdAt: createdAt!.getTime(),
    doneAt: doneAt?.getTime() ?? 0,
    lines:
      scheduledOn === null
        ? own.map(({ mpn, productId, quantity }) => ({ mpn, cmpProductId: productId, seats: quantity }))
        : [],
  };
}

/**
 * Corrects term and lots of a subscription after one of its orders became known; a subscription that is not stored yet will
 * read the orders when it is.
 */
export async function explainSubscription(
  em: EntityManager,
  of: AtCmp,
  { correlationId, orderId }: { correlationId: string; orderId?: string },
): Promise<void> {
  const row = await lockAtCmp(em, of);
  const explained = row && explain(row.state, await knownOrders(em, of));
  if (explained) await storeStep(em, row, { ...explained, owner: row, orderId }, { correlationId });
}
