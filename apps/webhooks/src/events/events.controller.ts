import { eventContracts } from '@isthmus/contracts';
import {
  Allow,
  CurrentUser,
  decodeCursor,
  Describe,
  invalidInput,
  type Page,
  Principal,
  Produces,
  type ServerSentEvent,
  sse,
  TenantStore,
  toPage,
  UuidParam,
} from '@isthmus/service-kit';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { WebhooksEnv } from '../config.ts';
import { EventExpired } from '../deliveries/deliveries.store.ts';
import type { StoredEvent } from './event.entity.ts';
import { documentedEvents } from './generated/documented-events.ts';
import { EventFeed, listEvents, readStoredEvent } from './event-list.store.ts';
import {
  EventQuery,
  EventTypeView,
  EventView,
  showEvent,
  StreamQuery,
  StreamStartView,
} from './events.dto.ts';

/** The events of the last days, for people and programs that have no address for webhooks. */
@Allow('viewer')
@Controller('v1')
export class EventsController {
  constructor(
    private readonly store: TenantStore,
    private readonly feed: EventFeed,
    private readonly env: WebhooksEnv,
  ) {}

  @Get('event-types')
  @Describe('Every type of event, with what it means, the schema of its data, and an example.', {
    returns: EventTypeView,
    list: 'array',
  })
  types(): EventTypeView[] {
    return eventContracts().map(({ eventType, summary, producer, aggregate }) => ({
      type: eventType,
      summary,
      producer,
      aggregate,
      ...documentedEvents[eventType]!,
    }));
  }

  @Get('events')
  @Describe('Events, newest first, as long as they are kept.', { returns: EventView, list: 'page' })
  async list(@CurrentUser() { tenantId }: Principal, @Query() query: EventQuery): Promise<Page<EventView>> {
    const after = decodeCursor(query.cursor, ['number']);
    const found = await this.store.read(tenantId, (em) =>
      listEvents(em, tenantId, query, after, query.limit),
    );
    return toPage(found, query.limit, ({ sequence }) => [sequence], showEvent);
  }

  @Get('events/stream')
  @Produces('text/event-stream')
  @Describe(
    'Server-sent events: `ready` with where it begins, then each event of the platform as it comes. After a break, `Last-Event-ID` (or `after`) continues with the next one, so that none is missed.',
    { events: { ready: StreamStartView, event: EventView } },
  )
  async stream(
    @CurrentUser() { tenantId }: Principal,
    @Query() { type, after }: StreamQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const start = await this.feed.start(tenantId, lastEventId === undefined ? after : placeOf(lastEventId));
    return sse(reply, shown(start, this.feed.after(tenantId, { type }, start)));
  }

  @Get('events/:id')
  @Describe('One event.', { returns: EventView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<EventView> {
    const event = await this.store.read(tenantId, (em) => readStoredEvent(em, id));
    if (!event) throw new EventExpired(id, this.env.WEBHOOK_KEEP_DAYS);
    return showEvent(event);
  }
}

/** @throws Problem 400 for anything that no event of a stream had as its id: going on elsewhere would leave events out */
function placeOf(lastEventId: string): number {
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  throw invalidInput([
    { field: 'Last-Event-ID', message: 'Last-Event-ID must be the id of the last event that was received' },
  ]);
}

/** Where it begins comes first: a connection that breaks before any event goes on from there. */
async function* shown(start: number, events: AsyncIterable<StoredEvent>): AsyncGenerator<ServerSentEvent> {
  yield { event: 'ready', id: String(start), data: { sequence: start } satisfies StreamStartView };
  for await (const event of events)
    yield { event: 'event', id: String(event.sequence), data: showEvent(event) };
}
