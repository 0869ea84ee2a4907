import { Controller, HttpCode, Post } from '@nestjs/common';
import {
  Allow,
  Answer,
  clientOf,
  CurrentUser,
  Describe,
  Principal,
  tagged,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { WebhooksEnv } from '../config.ts';
import { lockEndpoint } from '../persistence/require-endpoint.ts';
import { SecretVault } from '../persistence/secret-vault.ts';
import { setAside } from '../persistence/set-aside.ts';
import { EndpointView, NewSecretView, showEndpoint } from './endpoint.view.ts';

/** On, off, and a new secret. */
@Allow('admin')
@Controller('v1/webhook-endpoints/:id')
export class EndpointStatusController {
  constructor(
    private readonly store: TenantStore,
    private readonly vault: SecretVault,
    private readonly env: WebhooksEnv,
  ) {}

  @Post('enable')
  @HttpCode(200)
  @Describe('Sends to it again. What it missed is brought by `recover`.', {
    returns: EndpointView,
    status: 200,
  })
  enable(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<Answer<EndpointView>> {
    return this.store.change(tenantId, async (em) => {
      const endpoint = await lockEndpoint(em, id);
      endpoint.enable(new Date());
      await em.flush();
      return tagged(showEndpoint(endpoint), endpoint.version);
    });
  }

  @Post('disable')
  @HttpCode(200)
  @Describe('Sends nothing more to it. What it misses is kept as undelivered.', {
    returns: EndpointView,
    status: 200,
  })
  disable(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<Answer<EndpointView>> {
    return this.store.change(tenantId, async (em) => {
      const endpoint = await lockEndpoint(em, id);
      endpoint.disable(new Date());
      await em.flush();
      await setAside(clientOf(em), tenantId, id);
      return tagged(showEndpoint(endpoint), endpoint.version);
    });
  }

  @Post('rotate-secret')
  @HttpCode(200)
  @Describe(
    'Makes a new signing secret, shown in this answer only. For a while the one before signs as well.',
    {
      returns: NewSecretView,
      status: 200,
    },
  )
  rotate(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<NewSecretView> {
    return this.store.change(tenantId, async (em) => {
      const endpoint = await lockEndpoint(em, id);
      const now = new Date();
      const expires = new Date(now.getTime() + this.env.WEBHOOK_SECRET_OVERLAP_SECONDS * 1000);
      const secret = await this.vault.issue(em, endpoint, now, expires);
      return { secret, previousExpiresAt: expires.toISOString() };
    });
  }
}
