import { keyRingProvider, type ServiceOptions, TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { AuditController } from './composed/audit.controller.ts';
import { MergedLists } from './composed/merged-list.service.ts';
import { OverviewController } from './composed/overview.controller.ts';
import { ParkedMessagesController } from './composed/parked-messages.controller.ts';
import { Parts } from './composed/parts.service.ts';
import { SearchController } from './composed/search.controller.ts';
import { TimelineController } from './composed/timeline.controller.ts';
import { ConsoleGatewayEnv } from './config.ts';
import * as migrations from './migrations/migrations.ts';
import { Pages } from './pages/pages.service.ts';
import { Proxy } from './proxy/proxy.service.ts';
import { Services } from './proxy/services.service.ts';
import { DeleteSessions } from './sessions/delete-sessions.job.ts';
import { Session } from './sessions/session.entity.ts';
import { SessionStore } from './sessions/session.store.ts';
import { Sessions } from './sessions/sessions.service.ts';
import { IdentityProvider } from './sign-in/identity-provider.service.ts';
import { SignInController } from './sign-in/sign-in.controller.ts';
import { SignInCookies } from './sign-in/sign-in-cookies.service.ts';

/** One origin for people and programs: pages, sign-in, and the APIs of all services. */
@Module({
  controllers: [
    SignInController,
    AuditController,
    OverviewController,
    ParkedMessagesController,
    SearchController,
    TimelineController,
  ],
  providers: [
    keyRingProvider(
      ConsoleGatewayEnv,
      'SESSION_SECRET_RING',
      'without it the tokens of sessions cannot be stored.',
    ),
    TenantStore,
    SessionStore,
    Sessions,
    DeleteSessions,
    IdentityProvider,
    SignInCookies,
    Services,
    MergedLists,
    Parts,
    Proxy,
    Pages,
  ],
})
class ConsoleGatewayModule {}

/** The service, as `main.ts` and the tests start it. */
export const consoleGatewayOptions: ServiceOptions<ConsoleGatewayEnv> = {
  service: 'console-gateway',
  title: 'Gateway',
  description:
    'One address for people and programs: the console, signing in, and `/v1` of all services. Described here is what the gateway itself adds.',
  module: ConsoleGatewayModule,
  config: ConsoleGatewayEnv,
  database: { entities: [Session], migrations: Object.values(migrations), messaging: false },
  sessions: Sessions,
  problems: {
    // Of connector-config, whose history is part of a timeline.
    'connector.not-found': 404,
    csrf: 403,
    'service-failed': 502,
    'service-unavailable': 503,
    'sign-in.provider-unavailable': 503,
    'sign-in.refused': 401,
    'two-credentials': 400,
  },
};
