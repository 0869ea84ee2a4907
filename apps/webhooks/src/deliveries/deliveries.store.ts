import { DomainError } from '@isthmus/domain';
import { type SqlClient, statementsOf } from '@isthmus/messaging';
import type { CursorKey } from '@isthmus/service-kit';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { StoredEvent } from '../events/event.entity.ts';
import { Delivery, DeliveryAttempt, type DeliveryStatus } from './delivery.entity.ts';

const statements = statementsOf<typeof Delivery | typeof StoredEvent>();

/** A delivery with what its event is about. */
export type ListedDelivery = Awaited<ReturnType<typeof readDelivery>>;

/** Ordered newest first; returns `limit + 1` rows if there are more pages. */
export function listDeliveries(
  em: EntityManager,
  filter: {
    tenantId: string;
    endpointId: string;
    status?: DeliveryStatus | undefined;
    eventType?: string | undefined;
    since?: string | undefined;
  },
  after: CursorKey | undefined,
  limit: number,
): Promise<ListedDelivery[]> {
  const { tenantId, endpointId, status, eventType, since } = filter;
  return selectDeliveries(em, tenantId)
    .where('d.endpointId', '=', endpointId)
    .$if(status !== undefined, (query) => query.where('d.status', '=', status!))
    .$if(eventType !== undefined, (query) => query.where('e.type', '=', eventType!))
    .$if(since !== undefined, (query) => query.where('d.createdAt', '>=', new Date(since!)))
    .$if(after !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => {
        const [createdAt, id] = after as [string, string];
        return eb(
          refTuple('d.createdAt', 'd.id'),
          '<',
          tuple(eb.cast<Date>(eb.val(createdAt), 'timestamptz'), eb.val(id)),
        );
      }),
    )
    .orderBy('d.createdAt', 'desc')
    .orderBy('d.id', 'desc')
    .limit(limit + 1)
    .execute();
}

/** @throws DeliveryNotFound */
export async function readDelivery(em: EntityManager, tenantId: string, id: string) {
  const delivery = await selectDeliveries(em, tenantId).where('d.id', '=', id).executeTakeFirst();
  if (!delivery) throw new DeliveryNotFound(id);
  return delivery;
}

/** Not by `em.find`: an entity's times have three digits of a second, too few for a cursor, and an event's data is not listed. */
function selectDeliveries(em: EntityManager, tenantId: string) {
  // Short aliases: with one named `event`, MikroORM would take the column `event_id` for that table's `id`.
  return statements(em)
    .selectFrom('Delivery as d')
    .innerJoin('StoredEvent as e', 'e.id', 'd.eventId')
    .select([
      'd.id',
      'd.endpointId',
      'd.eventId',
      'e.type as eventType',
      'e.subject',
      'd.status',
      'd.attempts',
      'd.lastAttemptAt',
      'd.lastStatus',
      'd.lastError',
      'd.nextAttemptAt',
      'd.createdAt',
    ])
    .select(({ fn, val }) =>
      fn<string>('to_char', [
        fn('timezone', [val('UTC'), 'd.createdAt']),
        val('YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      ]).as('cursorTime'),
    )
    .where('d.tenantId', '=', tenantId);
}

/** One to each endpoint that subscribed to it, the first made first; a tenant has few endpoints. */
export function listDeliveriesOf(
  em: EntityManager,
  tenantId: string,
  eventId: string,
): Promise<ListedDelivery[]> {
  return selectDeliveries(em, tenantId)
    .where('d.eventId', '=', eventId)
    .orderBy('d.createdAt')
    .orderBy('d.id')
    .execute();
}

/** The last hundred, the latest first. */
export function listAttempts(em: EntityManager, deliveryId: string): Promise<DeliveryAttempt[]> {
  return em.find(DeliveryAttempt, { deliveryId }, { orderBy: { number: 'desc' }, limit: 100 });
}

/** The event of a delivery, as it is sent. */
export function readEvent(em: EntityManager, id: string): Promise<StoredEvent> {
  return em.findOneOrFail(StoredEvent, { id });
}

/** The position of an event in the order of arrival; undefined if it is no longer stored. */
export async function readSequence(em: EntityManager, id: string): Promise<number | undefined> {
  const event = await em.findOne(StoredEvent, { id }, { fields: ['sequence'] });
  return event?.sequence;
}

/**
 * The order of replays: as the events arrived, but within an aggregate by version, in case they arrived in another order.
 * Positions are drawn from rows that are already sorted.
 */
const replayOrder =
  'max(e.sequence) over (partition by e.aggregate order by e.aggregate_version, e.sequence)';

const replay = `
  insert into deliveries (tenant_id, endpoint_id, event_id, aggregate, status, in_order, position)
  select tenant_id, endpoint_id, id, aggregate, 'pending', true, nextval('delivery_position')
  from (
    select e.tenant_id, p.id as endpoint_id, e.id, e.aggregate
    from endpoints p join events e on e.tenant_id = p.tenant_id
      and p.event_types && array['*', split_part(e.type, '.', 1) || '.*', e.type]
      and not (e.type like 'webhooks.%' and e.subject = p.id::text)
    where p.tenant_id = $1 and p.id = $2 and ($3::timestamptz is null or e.time >= $3) and ($4::bigint is null or e.sequence >= $4)
    order by ${replayOrder}, e.aggregate_version, e.sequence
  ) sorted
  on conflict (endpoint_id, event_id) do update set status = 'pending', in_order = true, position = excluded.position,
    round = deliveries.round + 1, tries = 0, next_attempt_at = now()`;

const recover = `
  update deliveries set status = 'pending', in_order = true, position = placed.position, round = round + 1, tries = 0,
    next_attempt_at = now()
  from (
    select id, nextval('delivery_position') as position from (
      select d.id from deliveries d join events e on e.id = d.event_id
      where d.tenant_id = $1 and d.endpoint_id = $2 and d.status = 'undelivered' and ($3::timestamptz is null or e.time >= $3)
      order by ${replayOrder}, e.aggregate_version, e.sequence
    ) sorted
  ) placed
  where deliveries.id = placed.id`;

/** The requested deliveries wait behind those of an earlier replay that are still being attempted. */
const holdBack = `
  update deliveries later set next_attempt_at = failed.next_attempt_at
  from deliveries failed
  where failed.tenant_id = $1 and failed.endpoint_id = $2 and failed.status = 'pending' and failed.in_order
    and failed.next_attempt_at > now() and later.endpoint_id = $2 and later.aggregate = failed.aggregate
    and later.status = 'pending' and later.in_order and later.position > failed.position
    and later.next_attempt_at < failed.next_attempt_at`;

interface EndpointKey {
  tenantId: string;
  endpointId: string;
}

/** The start of a replay; an event by its sequence. */
export interface ReplayStart {
  since?: Date;
  sequence?: number;
}

/** Sends all stored events that the endpoint subscribes to, delivered or not. Returns their number. */
export async function replayEvents(
  client: SqlClient,
  { tenantId, endpointId }: EndpointKey,
  { since, sequence }: ReplayStart,
): Promise<number> {
  const values = [tenantId, endpointId, since?.toISOString() ?? null, sequence ?? null];
  const { rowCount } = await client.query({ text: replay, values });
  await client.query({ text: holdBack, values: [tenantId, endpointId] });
  return rowCount ?? 0;
}

/**
 * Sends all that did not reach the endpoint, or of those the ones published at or after a time. Returns how many deliveries that
 * is.
 */
export async function recoverDeliveries(
  client: SqlClient,
  { tenantId, endpointId }: EndpointKey,
  since?: Date,
): Promise<number> {
  const values = [tenantId, endpointId, since?.toISOString() ?? null];
  const { rowCount } = await client.query({ text: recover, values });
  await client.query({ text: holdBack, values: [tenantId, endpointId] });
  return rowCount ?? 0;
}

/** Sends one delivery now, with all its attempts before it again. */
export async function resendDelivery(em: EntityManager, id: string): Promise<void> {
  await em.nativeUpdate(
    Delivery,
    { id },
    {
      status: 'pending',
      inOrder: false,
      position: raw(`nextval('delivery_position')`),
      round: raw('round + 1'),
      tries: 0,
      nextAttemptAt: raw('now()'),
    },
  );
}

/** No delivery of this tenant has this id; deliveries of expired events have been deleted. */
class DeliveryNotFound extends DomainError {
  static override readonly code = 'webhook-delivery.not-found';

  constructor(deliveryId: string) {
    super(`There is no delivery ${deliveryId}.`, {
      nextStep: "Use an id from the endpoint's list of deliveries.",
    });
  }
}

/** A replay or a stream cannot start at an event that is no longer stored, and nobody can read it. */
export class EventExpired extends DomainError {
  static override readonly code = 'webhook-event.not-kept';

  constructor(eventId: string, keepDays: number) {
    super(`Event ${eventId} is not stored; only events of the last ${keepDays} days are.`, {
      nextStep: 'Start at a time instead, or at an event of the list.',
    });
  }
}
