import type { LifecycleRecordCounts } from '@isthmus/contracts';
import type { Message } from '@isthmus/messaging';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { finalStatuses } from '../orders/order-lifecycle.ts';
import type { ConnectorPause } from '../orders/order.ts';
import { endedStatuses } from '../subscriptions/subscription.ts';
import { statements } from '../tables.ts';

/** @returns whether it was news */
export async function recordPause(
  em: EntityManager,
  connectorId: string,
  pause: ConnectorPause | null,
  { tenantId, aggregateVersion: version }: Message,
): Promise<boolean> {
  const { automatic = false, detail = '', nextStep = '', by = '' } = pause ?? {};
  const state = { paused: pause !== null, automatic, detail, nextStep, by, version };
  const { numInsertedOrUpdatedRows: stored = 0n } = await statements(em)
    .insertInto('PauseState')
    .values({ connectorId, tenantId, ...state })
    .onConflict((conflict) =>
      conflict
        .column('connectorId')
        .doUpdateSet(state)
        .where('PauseState.version', '<', version)
        .where('PauseState.tenantId', '=', tenantId),
    )
    .executeTakeFirst();
  return stored > 0n;
}

/** @returns whether it was news */
export async function recordRemoval(
  em: EntityManager,
  connectorId: string,
  removed: boolean,
  { tenantId, aggregateVersion: version }: Message,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows: stored = 0n } = await statements(em)
    .insertInto('RemovalState')
    .values({ connectorId, tenantId, removed, version })
    .onConflict((conflict) =>
      conflict
        .column('connectorId')
        .doUpdateSet({ removed, version })
        .where('RemovalState.version', '<', version)
        .where('RemovalState.tenantId', '=', tenantId),
    )
    .executeTakeFirst();
  return stored > 0n;
}

/** What depends on a connector here. A planned order that was sent before may be at CMP, as one may whose fate is unknown. */
export async function countConnectorRecords(
  em: EntityManager,
  tenantId: string,
  connectorId: string,
): Promise<LifecycleRecordCounts> {
  const ofConnector = { tenantId, connectorId };
  const { liveSubscriptions } = await statements(em)
    .selectFrom('Subscription')
    .select(count.as('liveSubscriptions'))
    .where((eb) => eb.and(ofConnector))
    .where('endedAt', 'is', null)
    .where('status', 'not in', endedStatuses)
    .executeTakeFirstOrThrow();
  const { scheduledChanges } = await statements(em)
    .selectFrom('ScheduledChange')
    .select(count.as('scheduledChanges'))
    .where((eb) => eb.and(ofConnector))
    .where('status', 'in', ['proposed', 'planned', 'ordered'])
    .executeTakeFirstOrThrow();
  const sent = sql<boolean>`(record ->> 'attempts')::int > 0`;
  const orders = await statements(em)
    .selectFrom('Order')
    .select([
      sql<number>`count(*) filter (where status = 'planned' and not ${sent})::int`.as('ordersPlanned'),
      sql<number>`count(*) filter (where status = 'sending')::int`.as('ordersSending'),
      sql<number>`count(*) filter (where status = 'unknown' or status = 'planned' and ${sent})::int`.as(
        'ordersUnknown',
      ),
      sql<number>`count(*) filter (where status in ('accepted', 'scheduled', 'proving'))::int`.as(
        'ordersAccepted',
      ),
      sql<number>`count(*) filter (where status in ('needs-attention', 'completed-not-effective'))::int`.as(
        'ordersNeedingAttention',
      ),
    ])
    .where((eb) => eb.and(ofConnector))
    .where('status', 'not in', finalStatuses)
    .executeTakeFirstOrThrow();
  return { liveSubscriptions, scheduledChanges, ...orders };
}

const count = sql<number>`count(*)::int`;
