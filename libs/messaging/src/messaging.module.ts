import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { RequestClient, RequestServer } from './requests.ts';
import { EventConsumer } from './consume/consumer.ts';
import { Inbox } from './consume/inbox.ts';
import { JetStreamServer } from './consume/transport.ts';
import { LiveEvents } from './consume/live-events.ts';
import { ParkedMessages } from './consume/parked-messages.ts';
import { MessagingOptions, type MessagingSettings } from './messaging-options.ts';
import { NatsConnection } from './nats/nats-connection.ts';
import { Publisher } from './outbox/publisher.ts';
import { Relay } from './outbox/outbox-relay.ts';

/**
 * Everything a service needs to publish and consume events, and to send and serve requests. Expects `MikroORM` (of
 * @mikro-orm/postgresql) and `Pool` (of pg) to be provided globally by class, unless the service has no database.
 */
@Module({})
export class MessagingModule {
  static forService(settings: MessagingSettings): DynamicModule {
    const options = new MessagingOptions(settings);
    const withDatabase: Provider[] = [Inbox, Publisher, Relay, ParkedMessages];
    const providers: Provider[] = [
      { provide: MessagingOptions, useValue: options },
      {
        provide: NatsConnection,
        useFactory: () => new NatsConnection(options.natsUrl, options.service, options.natsKey),
      },
      RequestClient,
      RequestServer,
      EventConsumer,
      JetStreamServer,
      LiveEvents,
      ...(settings.database === false ? [] : withDatabase),
    ];
    return { module: MessagingModule, global: true, providers, exports: providers };
  }
}
