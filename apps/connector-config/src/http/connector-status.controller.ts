import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  Allow,
  CurrentUser,
  Describe,
  Principal,
  tagged,
  UuidParam,
  type Answer,
} from '@isthmus/service-kit';
import { sayPaused, sayResumed } from '../messaging/connector-events.ts';
import { lockConnector } from '../persistence/require-connector.ts';
import { TenantStore } from '../persistence/tenant-store.ts';
import { ConnectorView, showConnector } from './connector.view.ts';
import { PauseRequest } from './pause-connector.dto.ts';

@Controller('v1/connectors/:id')
export class ConnectorStatusController {
  constructor(private readonly store: TenantStore) {}

  @Post('pause')
  @HttpCode(200)
  @Allow('operator')
  @Describe(
    'Reads and orders nothing at CMP until it is resumed. A paused one keeps its first reason, but what an error had paused is then paused by you.',
    {
      returns: ConnectorView,
    },
  )
  pause(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @Body() body: PauseRequest,
  ): Promise<Answer<ConnectorView>> {
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      const why = {
        by: user.subject,
        automatic: false,
        cause: 'person',
        detail: body?.reason ?? `${user.subject} paused it.`,
        nextStep: 'Resume the connector when it may be used again.',
      };
      if (connector.pause(why, new Date())) {
        await em.flush();
        sayPaused(em, connector);
      }
      return tagged(await showConnector(em, connector), connector.version);
    });
  }

  @Post('resume')
  @HttpCode(200)
  @Allow('operator')
  @Describe('Takes a paused connector into use again, without verifying it first.', {
    returns: ConnectorView,
  })
  resume(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<Answer<ConnectorView>> {
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      if (connector.resume(new Date())) {
        await em.flush();
        sayResumed(em, connector, user.subject);
      }
      return tagged(await showConnector(em, connector), connector.version);
    });
  }
}
