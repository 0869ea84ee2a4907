import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { Migration } from '@mikro-orm/migrations';
import { messagingMigrationSql } from '@isthmus/messaging';
import { createService, ServiceEnv, type RunningService } from '@isthmus/service-kit';

class MessagingTables extends Migration {
  override up(): void {
    for (const sql of messagingMigrationSql) this.addSql(sql);
  }
}

export interface BusServiceSettings {
  service: string;
  databaseUrl: string;
  natsUrl: string;
  /** OIDC_* of an issuer: every service asks for one. */
  env: Record<string, string>;
}

/** A service with nothing but the bus: outbox and relay, and the handlers given. */
export async function startBusService(
  { service, databaseUrl, natsUrl, env }: BusServiceSettings,
  handlers: Type[] = [],
): Promise<RunningService> {
  @Module({ controllers: handlers })
  class BusModule {}

  const running = await createService(
    {
      service,
      module: BusModule,
      config: ServiceEnv,
      database: { entities: [], migrations: [MessagingTables] },
      http: 'health-only',
    },
    { ...env, DATABASE_URL: databaseUrl, NATS_URL: natsUrl, PORT: '0', LOG_LEVEL: 'warn' },
  );
  await running.migrate();
  await running.listen();
  return running;
}
