import { randomUUID } from 'node:crypto';
import { Controller, HttpCode, Post } from '@nestjs/common';
import {
  Allow,
  currentCorrelationId,
  CurrentUser,
  Describe,
  Principal,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { IsBoolean } from 'class-validator';
import { sendDelivery } from '../delivering/send-delivery.ts';
import type { StoredFacts } from '../domain/cloud-event.ts';
import { DeliverWebhooks } from '../jobs/deliver-webhooks.job.ts';
import { activeTraceparent } from '../messaging/stored-facts.ts';
import { liveSecrets } from '../persistence/live-secrets.ts';
import { requireEndpoint } from '../persistence/require-endpoint.ts';
import { SecretVault } from '../persistence/secret-vault.ts';
import { AttemptView, showAttempt } from './delivery.view.ts';

export class TestView extends AttemptView {
  /** Whether the endpoint answered with a 2xx. */
  @IsBoolean() delivered!: boolean;
}

/** Tries an endpoint out, also a disabled one. */
@Controller('v1/webhook-endpoints/:id')
export class TestEndpointController {
  constructor(
    private readonly store: TenantStore,
    private readonly couriers: DeliverWebhooks,
    private readonly vault: SecretVault,
  ) {}

  @Post('test')
  @HttpCode(200)
  @Allow('admin')
  @Describe(
    'Sends a signed `webhooks.test` event, once, and tells what came back. It is not in the delivery log.',
    {
      returns: TestView,
      status: 200,
    },
  )
  async test(@CurrentUser() { tenantId, subject }: Principal, @UuidParam() id: string): Promise<TestView> {
    const { endpoint, secrets } = await this.store.change(tenantId, async (em) => ({
      endpoint: await requireEndpoint(em, id),
      secrets: await liveSecrets(em, id, new Date()),
    }));
    const event = testEvent(tenantId, id, subject);
    const sending = {
      ...this.couriers.sendingTo({ url: endpoint.url, secrets: this.vault.open(endpoint, secrets) }),
      schedule: [0],
    };
    const delivery = { id: event.id, round: 1, tries: 0, event };
    const { attempt, verdict } = await sendDelivery(sending, delivery, new AbortController().signal);
    return { ...showAttempt(attempt), delivered: verdict.outcome === 'delivered' };
  }
}

const testEvent = (tenantId: string, endpointId: string, by: string): StoredFacts => {
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
    data: JSON.stringify({ endpointId, askedBy: by }),
  };
};
