import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ProviderAccountLinkedV1, ProviderSubscriptionAppearedV1 } from '@isthmus/contracts';
import { event, type Message, messagingTablesSql, type NewEvent, On } from '@isthmus/messaging';
import { createService, type RunningService, ServiceEnv } from '@isthmus/service-kit';
import { databaseEnv, operator } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Controller, Module, type Type } from '@nestjs/common';
import { settingsOf } from './processes.ts';

class MessagingTables extends Migration {
  override up(): void {
    for (const sql of messagingTablesSql) this.addSql(sql);
  }
}

export interface BusServiceSettings {
  service: string;
  databaseUrl: string;
  natsUrl: string;
  /** The folder of its users' keys. */
  natsKeys: string;
  /** OIDC_* of an issuer, which every service requires. */
  env: Record<string, string>;
}

/** A service with nothing but the bus: outbox, relay, and the given handlers. */
export async function startBusService(
  { service, databaseUrl, natsUrl, natsKeys, env }: BusServiceSettings,
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
    {
      ...env,
      ...databaseEnv(service, databaseUrl),
      NATS_URL: natsUrl,
      // It publishes what the measurement needs, whoever's events they are.
      NATS_NKEY_SEED_FILE: join(natsKeys, `${operator}.nk`),
      PORT: '0',
      LOG_LEVEL: 'warn',
    },
  );
  await running.migrate();
  await running.listen();
  return running;
}

/** Events like those that the first sync of a connector publishes. */
export function manyAppeared(count: number): NewEvent[] {
  const [tenantId, connectorId] = [randomUUID(), randomUUID()];
  return Array.from({ length: count }, (_, n) => {
    const providerSubscriptionId = randomUUID();
    const data: ProviderSubscriptionAppearedV1 = {
      connectorId,
      providerSubscriptionId,
      cmpSubscriptionId: String(5_000_000 + n),
      cmpAccountId: String(3_000_000 + (n % 5_000)),
      providerAccountId: randomUUID(),
      status: 'active',
      asOf: '2026-11-02T09:00:00.000Z',
      name: 'Microsoft 365 Business Premium (NCE, annual term, monthly billing)',
      autoRenew: true,
      creationDate: '2024-02-03',
      renewalDate: '2027-02-03',
      expirationDate: '2027-02-02',
      billingPeriod: { type: 'month', duration: 1 },
      term: { type: 'year', duration: 1 },
      quantityKnown: false,
      lines: [],
    };
    return event(ProviderSubscriptionAppearedV1, data, {
      tenantId,
      aggregateId: providerSubscriptionId,
      version: 1,
    });
  });
}

/** Run as a program: a consumer in a process of its own. It prints when it is listening and, at its end, when each event reached its handler. */
if (import.meta.main) {
  /** In milliseconds since 1970, with fractions. */
  const reached = new Map<string, number>();

  @Controller()
  class RecordArrival {
    @On(ProviderAccountLinkedV1)
    handle(_data: ProviderAccountLinkedV1, message: Message): Promise<void> {
      if (!reached.has(message.id)) reached.set(message.id, performance.timeOrigin + performance.now());
      return Promise.resolve();
    }
  }

  const service = await startBusService(settingsOf<BusServiceSettings>(), [RecordArrival]);
  process.stdout.write(`${JSON.stringify({ listening: service.url })}\n`);
  process.on('SIGTERM', () => {
    process.stdout.write(`${JSON.stringify([...reached])}\n`);
    void service.close().then(() => process.exit(0));
  });
}
