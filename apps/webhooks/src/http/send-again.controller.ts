import { Body, Controller, Post } from '@nestjs/common';
import type { Statements } from '@isthmus/messaging';
import {
  Allow,
  Answer,
  clientOf,
  CurrentUser,
  Describe,
  Principal,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { IsInt, isUUID } from 'class-validator';
import { WebhooksEnv } from '../config.ts';
import { EventNotKept } from '../domain/webhook.errors.ts';
import { DeliverWebhooks } from '../jobs/deliver-webhooks.job.ts';
import { sequenceOf } from '../persistence/queries/deliveries.query.ts';
import { lockEnabledEndpoint, requireEndpoint } from '../persistence/require-endpoint.ts';
import { recoverDeliveries, replayEvents, type ReplayStart } from '../persistence/send-again.ts';
import { Replay } from './replay.dto.ts';

export class QueuedView {
  /** Deliveries that will be made. */
  @IsInt() queued!: number;
}

/** What an endpoint missed, or wants once more. */
@Allow('operator')
@Controller('v1/webhook-endpoints/:id')
export class SendAgainController {
  constructor(
    private readonly store: TenantStore,
    private readonly couriers: DeliverWebhooks,
    private readonly env: WebhooksEnv,
  ) {}

  @Post('replay')
  @Describe('Sends everything since a time or an event again, in order, delivered or not.', {
    returns: QueuedView,
    status: 202,
  })
  async replay(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Body() body: Replay,
  ): Promise<Answer<QueuedView>> {
    await this.store.change(tenantId, (em) => requireEndpoint(em, id));
    const start = await this.#startOf(tenantId, body);
    return this.#queue(tenantId, id, (client) => replayEvents(client, { tenantId, endpointId: id }, start));
  }

  @Post('recover')
  @Describe('Sends everything again that did not reach it, in order.', { returns: QueuedView, status: 202 })
  recover(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<Answer<QueuedView>> {
    return this.#queue(tenantId, id, (client) => recoverDeliveries(client, { tenantId, endpointId: id }));
  }

  async #startOf(tenantId: string, { since }: Replay): Promise<ReplayStart> {
    if (!isUUID(since)) return { since: new Date(since) };
    const sequence = await sequenceOf(this.store.rows(tenantId), since);
    if (sequence === undefined) throw new EventNotKept(since, this.env.WEBHOOK_KEEP_DAYS);
    return { sequence };
  }

  async #queue(
    tenantId: string,
    id: string,
    send: (client: Statements) => Promise<number>,
  ): Promise<Answer<QueuedView>> {
    const queued = await this.store.change(tenantId, async (em) => {
      await lockEnabledEndpoint(em, id);
      return send(clientOf(em));
    });
    this.couriers.wake();
    return Answer.accepted(`/v1/webhook-endpoints/${id}/deliveries?status=pending`, { queued });
  }
}
