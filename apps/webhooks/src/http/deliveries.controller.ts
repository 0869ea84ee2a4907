import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  Allow,
  clientOf,
  CurrentUser,
  decodeCursor,
  Describe,
  IfGiven,
  PageQuery,
  pageOf,
  Principal,
  TenantStore,
  UuidParam,
  type Page,
} from '@isthmus/service-kit';
import { IsIn } from 'class-validator';
import { cloudEventText } from '../domain/cloud-event.ts';
import { deliveryStatuses, type DeliveryStatus } from '../domain/delivery.entity.ts';
import { DeliverWebhooks } from '../jobs/deliver-webhooks.job.ts';
import {
  eventOf,
  listAttempts,
  listDeliveries,
  readDelivery,
} from '../persistence/queries/deliveries.query.ts';
import { lockEnabledEndpoint, requireEndpoint } from '../persistence/require-endpoint.ts';
import { resendDelivery } from '../persistence/send-again.ts';
import { DeliveryLogView, DeliveryView, showDelivery, showLogged } from './delivery.view.ts';

export class DeliveryQuery extends PageQuery {
  @IfGiven() @IsIn(deliveryStatuses) status?: DeliveryStatus;
}

/** What was sent, and what came of it. */
@Controller('v1')
export class DeliveriesController {
  constructor(
    private readonly store: TenantStore,
    private readonly couriers: DeliverWebhooks,
  ) {}

  @Get('webhook-endpoints/:id/deliveries')
  @Allow('viewer')
  @Describe('The deliveries to an endpoint, the newest first.', { returns: DeliveryView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() endpointId: string,
    @Query() { cursor, limit, status }: DeliveryQuery,
  ): Promise<Page<DeliveryView>> {
    await this.store.change(tenantId, (em) => requireEndpoint(em, endpointId));
    const after = decodeCursor(cursor, ['time', 'uuid']);
    const found = await listDeliveries(this.store.rows(tenantId), { endpointId, status }, after, limit);
    return pageOf(found, limit, ({ createdAtText, id }) => [createdAtText, id], showDelivery);
  }

  @Get('deliveries/:id')
  @Allow('viewer')
  @Describe('A delivery with its body and the log of its attempts.', { returns: DeliveryLogView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<DeliveryLogView> {
    const rows = this.store.rows(tenantId);
    const delivery = await readDelivery(rows, id);
    const event = await eventOf(rows, delivery.eventId);
    const attempts = await listAttempts(rows, id);
    return { ...showDelivery(delivery), body: cloudEventText(event), log: attempts.map(showLogged) };
  }

  @Post('deliveries/:id/resend')
  @HttpCode(202)
  @Allow('operator')
  @Describe('Sends it now, with all its attempts before it again.', { returns: DeliveryView, status: 202 })
  async resend(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<DeliveryView> {
    const rows = this.store.rows(tenantId);
    const { endpointId } = await readDelivery(rows, id);
    await this.store.change(tenantId, async (em) => {
      await lockEnabledEndpoint(em, endpointId);
      await resendDelivery(clientOf(em), tenantId, id);
    });
    const delivery = showDelivery(await readDelivery(rows, id));
    this.couriers.wake();
    return delivery;
  }
}
