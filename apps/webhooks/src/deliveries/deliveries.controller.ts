import { randomUUID } from 'node:crypto';
import type { SqlClient } from '@isthmus/messaging';
import {
  Allow,
  ApiResponse,
  audit,
  Audited,
  clientIn,
  currentCorrelationId,
  CurrentUser,
  decodeCursor,
  Describe,
  type Page,
  toPage,
  Principal,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { WebhooksEnv } from '../config.ts';
import {
  EventExpired,
  listAttempts,
  listDeliveries,
  listDeliveriesOf,
  readDelivery,
  readEvent,
  readSequence,
  recoverDeliveries,
  replayEvents,
  type ReplayStart,
  resendDelivery,
} from './deliveries.store.ts';
import { auditEndpoint, lockEnabledEndpoint, requireEndpoint } from '../endpoints/endpoint.store.ts';
import { SigningSecrets } from '../endpoints/signing-secrets.service.ts';
import {
  DeliveryLogView,
  DeliveryQuery,
  DeliveryView,
  QueuedView,
  Recover,
  Replay,
  TestView,
  toAttemptView,
  toDeliveryView,
  toLoggedAttempt,
} from './deliveries.dto.ts';
import { DeliveryWorker } from './delivery.worker.ts';
import { cloudEventText, type PublishedEvent } from './webhook-message.ts';
import { activeTraceparent, WebhookSender } from './webhook-sender.service.ts';

/** Deliveries and their attempts. */
@Controller('v1')
export class DeliveriesController {
  constructor(
    private readonly store: TenantStore,
    private readonly worker: DeliveryWorker,
    private readonly env: WebhooksEnv,
  ) {}

  @Get('webhook-endpoints/:id/deliveries')
  @Allow('viewer')
  @Describe('The deliveries to an endpoint, newest first.', { returns: DeliveryView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() endpointId: string,
    @Query() { cursor, limit, status, eventType, since }: DeliveryQuery,
  ): Promise<Page<DeliveryView>> {
    return this.store.read(tenantId, async (em) => {
      await requireEndpoint(em, endpointId);
      const after = decodeCursor(cursor, ['time', 'uuid']);
      const found = await listDeliveries(
        em,
        { tenantId, endpointId, status, eventType, since },
        after,
        limit,
      );
      return toPage(found, limit, ({ cursorTime, id }) => [cursorTime, id], toDeliveryView);
    });
  }

  @Get('events/:id/deliveries')
  @Allow('viewer')
  @Describe('The deliveries of an event, one to each endpoint that subscribed to it.', {
    returns: DeliveryView,
    list: 'array',
  })
  async ofEvent(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() eventId: string,
  ): Promise<DeliveryView[]> {
    return this.store.read(tenantId, async (em) => {
      if ((await readSequence(em, eventId)) === undefined)
        throw new EventExpired(eventId, this.env.WEBHOOK_KEEP_DAYS);
      return (await listDeliveriesOf(em, tenantId, eventId)).map(toDeliveryView);
    });
  }

  @Get('deliveries/:id')
  @Allow('viewer')
  @Describe('One delivery, with its body and the log of its attempts.', { returns: DeliveryLogView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<DeliveryLogView> {
    return this.store.read(tenantId, async (em) => {
      const delivery = await readDelivery(em, tenantId, id);
      const event = await readEvent(em, delivery.eventId);
      const attempts = await listAttempts(em, id);
      return { ...toDeliveryView(delivery), body: cloudEventText(event), log: attempts.map(toLoggedAttempt) };
    });
  }

  @Post('deliveries/:id/resend')
  @HttpCode(202)
  @Allow('operator')
  @Describe('Resends the delivery immediately and resets its retry count.', {
    returns: DeliveryView,
    status: 202,
  })
  @Audited('webhook-delivery.resend')
  async resend(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<DeliveryView> {
    const resent = await this.store.change(tenantId, async (em) => {
      const { endpointId } = await readDelivery(em, tenantId, id);
      await lockEnabledEndpoint(em, endpointId);
      await resendDelivery(em, id);
      await audit(em, {
        tenantId,
        action: 'webhook-delivery.resend',
        thing: ['webhook-delivery', id],
        after: { endpointId },
      });
      return readDelivery(em, tenantId, id);
    });
    this.worker.wake();
    return toDeliveryView(resent);
  }
}

/** Sending what an endpoint missed or requests again. */
@Allow('operator')
@Controller('v1/webhook-endpoints/:id')
export class RedeliveryController {
  constructor(
    private readonly store: TenantStore,
    private readonly worker: DeliveryWorker,
    private readonly env: WebhooksEnv,
  ) {}

  @Post('replay')
  @Describe('Resends all events since a given time or event, in order, including those already delivered.', {
    returns: QueuedView,
    status: 202,
  })
  @Audited('webhook-endpoint.replay')
  async replay(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Body() body: Replay,
  ): Promise<ApiResponse<QueuedView>> {
    const start = await this.store.read(tenantId, async (em) => {
      await requireEndpoint(em, id);
      return this.#readStart(em, body);
    });
    return this.#queue(tenantId, id, 'replay', { since: body.since }, (client) =>
      replayEvents(client, { tenantId, endpointId: id }, start),
    );
  }

  @Post('recover')
  @Describe('Resends all undelivered events, or those since a given time, in order.', {
    returns: QueuedView,
    status: 202,
  })
  @Audited('webhook-endpoint.recover')
  recover(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Body() { since }: Recover,
  ): Promise<ApiResponse<QueuedView>> {
    return this.#queue(tenantId, id, 'recover', { since }, (client) =>
      recoverDeliveries(
        client,
        { tenantId, endpointId: id },
        since === undefined ? undefined : new Date(since),
      ),
    );
  }

  async #readStart(em: EntityManager, { since }: Replay): Promise<ReplayStart> {
    if (!isUUID(since)) return { since: new Date(since) };
    const sequence = await readSequence(em, since);
    if (sequence === undefined) throw new EventExpired(since, this.env.WEBHOOK_KEEP_DAYS);
    return { sequence };
  }

  async #queue(
    tenantId: string,
    id: string,
    command: 'replay' | 'recover',
    details: object,
    send: (client: SqlClient) => Promise<number>,
  ): Promise<ApiResponse<QueuedView>> {
    const queued = await this.store.change(tenantId, async (em) => {
      await lockEnabledEndpoint(em, id);
      const sent = await send(clientIn(em));
      await auditEndpoint(em, { tenantId, id }, command, { after: { ...details, queued: sent } });
      return sent;
    });
    this.worker.wake();
    return ApiResponse.accepted(`/v1/webhook-endpoints/${id}/deliveries?status=pending`, { queued });
  }
}

/** Sends a test event to an endpoint, even if it is disabled. */
@Controller('v1/webhook-endpoints/:id')
export class TestEndpointController {
  constructor(
    private readonly store: TenantStore,
    private readonly secrets: SigningSecrets,
    private readonly sender: WebhookSender,
  ) {}

  @Post('test')
  @HttpCode(200)
  @Allow('admin')
  @Describe(
    'Sends a signed `webhooks.test` event once and reports the response. It does not appear in the delivery log.',
    {
      returns: TestView,
      status: 200,
    },
  )
  @Audited('webhook-endpoint.test')
  async test(@CurrentUser() { tenantId, subject }: Principal, @UuidParam() id: string): Promise<TestView> {
    const target = await this.store.change(tenantId, async (em) => {
      const endpoint = await requireEndpoint(em, id);
      await auditEndpoint(em, endpoint, 'test', { after: { url: endpoint.url } });
      return { url: endpoint.url, secrets: await this.secrets.current(em, endpoint, new Date()) };
    });
    const event = testEvent(tenantId, id, subject);
    const delivery = { id: event.id, round: 1, tries: 0, event };
    const { attempt, decision } = await this.sender.send(target, delivery, new AbortController().signal, [0]);
    return { ...toAttemptView(attempt), delivered: decision.outcome === 'delivered' };
  }
}

const testEvent = (tenantId: string, endpointId: string, by: string): PublishedEvent => {
  const id = randomUUID();
  return {
    id,
    tenantId,
    source: '/isthmus/webhooks',
    type: 'webhooks.test',
    time: new Date(),
    subject: endpointId,
    correlationId: currentCorrelationId() ?? id,
    aggregateVersion: 0,
    traceparent: activeTraceparent() ?? null,
    data: JSON.stringify({ endpointId, requestedBy: by }),
  };
};
