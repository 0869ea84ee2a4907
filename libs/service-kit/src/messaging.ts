import type { DynamicModule, INestApplication } from '@nestjs/common';
import type { ServiceEnv } from './service-env.ts';
import type { ServiceOptions } from './service-options.ts';

/** The outbox relay, the inbox and the handlers' transport; only for a service with a database of its own. */
export function messagingModules(_parts: {
  options: Pick<ServiceOptions, 'service' | 'database'>;
  env: ServiceEnv;
}): DynamicModule[] {
  return [];
}

/** Connects the service's handlers to the bus. */
export function messageHandlers(
  _app: INestApplication,
  _options: Pick<ServiceOptions, 'service' | 'database'>,
): { start(): Promise<void> } {
  return { start: async () => undefined };
}

export const messagingTables: never[] = [];
export abstract class NatsConnection {
  abstract readonly state: string;
}
export const messagingMigrationSql: string[] = [];
