import { randomUUID } from 'node:crypto';
import { ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { freshDatabase, operator } from '@isthmus/testing';
import { defineEntity, p } from '@mikro-orm/core';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Controller, Global, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Pool } from 'pg';
import { Inbox } from '../src/consume/inbox.ts';
import { connectMessaging, On } from '../src/consume/transport.ts';
import { Message, type NewEvent } from '../src/message.ts';
import type { MessagingSettings } from '../src/messaging-options.ts';
import { MessagingModule } from '../src/messaging.module.ts';
import { event } from '../src/outbox/outbox.ts';
import { NatsKey } from '../src/nats/nats-key.ts';
import { messagingTablesSql, messagingTables } from '../src/tables.ts';

const schema = defineEntity({
  name: 'Effect',
  tableName: 'effects',
  properties: {
    id: p.integer().primary().autoincrement(),
    eventId: p.uuid(),
    aggregate: p.text(),
    version: p.integer(),
    name: p.text(),
    at: p.datetime(6).defaultRaw('clock_timestamp()'),
  },
});

/** What a handler did: one row per time it did it. */
export class Effect extends schema.class {}
schema.setClass(Effect);

export const effectTableSql = `create table effects (id serial primary key, event_id uuid not null, aggregate text not null,
  version int not null, name text not null, at timestamptz(6) not null default clock_timestamp())`;

export const tenantId = '0197a1f0-0000-7000-8000-000000000001';

/** A small event of account-sync. `by` is what the handlers of these tests look at. */
export function linkedEvent(
  by = 'somebody',
  aggregateId: string = randomUUID(),
  version = 1,
): NewEvent<ProviderAccountLinkedV1> {
  const data = { providerAccountId: aggregateId, tenantAccountId: 'T-1', by };
  return event(ProviderAccountLinkedV1, data, { tenantId, aggregateId, version });
}

/** Writes down what it arrives; fails while `broken` says so of an event. */
@Controller()
export class RecordLinks {
  static broken: (data: ProviderAccountLinkedV1, message: Message) => Error | undefined = () => undefined;

  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountLinkedV1)
  async handle(data: ProviderAccountLinkedV1, message: Message): Promise<void> {
    const error = RecordLinks.broken(data, message);
    if (error) throw error;
    await this.inbox.once(message, async (em) => {
      em.persist(
        em.create(Effect, {
          eventId: message.id,
          aggregate: message.subject,
          version: message.aggregateVersion,
          name: data.by,
        }),
      );
    });
  }
}

export interface ProgramSettings extends Partial<MessagingSettings> {
  service: string;
  natsUrl: string;
  handlers?: Type[];
  /** Of another program that is to share its database. */
  databaseUrl?: string;
}

export interface Program {
  databaseUrl: string;
  pool: Pool;
  get<T>(token: Type<T>): T;
  transaction<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A service as small as can be: the messaging module, a database and some handlers. */
export async function runProgram(settings: ProgramSettings): Promise<Program> {
  const database = settings.databaseUrl ? undefined : await freshDatabase(settings.service);
  const databaseUrl = settings.databaseUrl ?? database!.url;
  const pool = new Pool({ connectionString: databaseUrl, max: 10 });
  pool.on('error', () => undefined);
  if (database) for (const sql of [...messagingTablesSql, effectTableSql]) await pool.query(sql);
  const orm = await MikroORM.init({ clientUrl: databaseUrl, entities: [...messagingTables, Effect] });

  // One that may do everything: what services may do is tested with the services.
  const natsKey = NatsKey.ofEnvironment({ NATS_NKEY_SEED_FILE: process.env.NATS_NKEY_SEED_FILE }, operator);

  @Global()
  @Module({
    providers: [
      { provide: MikroORM, useValue: orm },
      { provide: Pool, useValue: pool },
    ],
    exports: [MikroORM, Pool],
  })
  class DatabaseModule {}

  @Module({
    imports: [DatabaseModule, MessagingModule.forService({ natsKey, ...settings })],
    controllers: settings.handlers ?? [],
  })
  class ProgramModule {}

  const app = await NestFactory.create(ProgramModule, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  const close = async () => {
    await app.close();
    await orm.close(true);
    await pool.end();
    await database?.drop();
  };
  try {
    await connectMessaging(app);
    await app.init();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    databaseUrl,
    pool,
    get: (token) => app.get(token, { strict: false }),
    transaction: (work) => orm.em.fork().transactional((em) => work(em as EntityManager)),
    close,
  };
}
