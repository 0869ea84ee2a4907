import { Global, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { Pool } from 'pg';
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- a testbed is for specs, and left out of the build
import { freshDatabase } from '@isthmus/testing';
import { connectMessaging } from '../connect-messaging.ts';
import { messagingMigrationSql } from '../messaging-migration.ts';
import type { MessagingSettings } from '../messaging-options.ts';
import { MessagingModule } from '../messaging.module.ts';
import { messagingTables } from '../tables.ts';
import { Effect, effectTableSql } from './effect.entity.ts';

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
  if (database) for (const sql of [...messagingMigrationSql, effectTableSql]) await pool.query(sql);
  const orm = await MikroORM.init({ clientUrl: databaseUrl, entities: [...messagingTables, Effect] });

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
    imports: [DatabaseModule, MessagingModule.forService(settings)],
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
