import type { INestApplication } from '@nestjs/common';
import { JetStreamServer } from './consume/jetstream-server.ts';

/** Joins an application to the bus: call it after `NestFactory.create` and before `listen`. Does not wait for NATS. */
export async function connectMessaging(app: INestApplication): Promise<void> {
  // Guards, pipes and filters of the HTTP side mean nothing to messages.
  app.connectMicroservice({ strategy: app.get(JetStreamServer) }, { inheritAppConfig: false });
  await app.startAllMicroservices();
}
