import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { statements } from '../../tables.ts';
import { finalStatuses } from '../order-lifecycle.ts';

/** Orders of a connector that would be looked at later; they are looked at now. */
const hurriedOrders = (em: EntityManager, tenantId: string, connectorId: string) =>
  statements(em)
    .updateTable('Order')
    .set({ nextStepAt: sql<Date>`now()` })
    .where('tenantId', '=', tenantId)
    .where('connectorId', '=', connectorId)
    // An order awaiting approval would be claimed again and again.
    .where('status', '<>', 'awaiting-approval')
    .where('nextStepAt', '>', sql<Date>`now()`);

/** An order of ours that the mirror saw completed is followed up now instead of at the next poll. */
export const followUpNow = (em: EntityManager, tenantId: string, connectorId: string, cmpOrderId: string) =>
  hurriedOrders(em, tenantId, connectorId)
    .where('cmpOrderId', '=', cmpOrderId)
    .where('status', 'in', ['accepted', 'scheduled', 'needs-attention'])
    .execute();

/** Orders that waited for a paused connector continue at once. */
export const resumePausedOrders = (em: EntityManager, tenantId: string, connectorId: string) =>
  hurriedOrders(em, tenantId, connectorId)
    .where(sql<boolean>`record -> 'reason' ->> 'code' = 'connector-paused'`)
    .where('status', 'in', ['planned', 'unknown', 'accepted', 'proving'])
    .execute();

/** Open orders of a restored connector are followed up at once. */
export const resumeOpenOrders = (em: EntityManager, tenantId: string, connectorId: string) =>
  hurriedOrders(em, tenantId, connectorId).where('status', 'not in', finalStatuses).execute();
