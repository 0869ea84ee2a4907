import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { openDatabase, type Database } from './database/open-database.ts';
import { HealthController } from './health/health.controller.ts';
import { MetricsController } from './health/metrics.controller.ts';
import { Readiness } from './health/readiness.ts';
import { ForgetIdempotencyKeys } from './idempotency/forget-keys.ts';
import { IdempotencyKey } from './idempotency/idempotency-key.entity.ts';
import { ApiDocument } from './openapi/api-document.ts';
import { DocumentController } from './openapi/document.controller.ts';
import { KeyRing } from './secrets/key-ring.ts';
import { ServiceEnv } from './service-env.ts';
import type { ServiceOptions } from './service-options.ts';
import type { Telemetry } from './telemetry/start-telemetry.ts';

const database = Symbol('database');

export interface KitParts<E extends ServiceEnv> {
  options: ServiceOptions<E>;
  env: E;
  log: Logger;
  telemetry: Telemetry;
  document: ApiDocument;
}

/** What every service can inject: its environment, `MikroORM`, `Pool`, `KeyRing`; and the routes every service has. */
@Module({})
export class KitModule implements OnApplicationShutdown {
  constructor(@Inject(database) private readonly opened: Database | null) {}

  static for<E extends ServiceEnv>(parts: KitParts<E>): DynamicModule {
    const providers = [...environment(parts), ...databaseProviders(parts), ...keyRing(parts.env)];
    return {
      module: KitModule,
      global: true,
      controllers: [
        HealthController,
        MetricsController,
        ...(parts.options.http === 'health-only' ? [] : [DocumentController]),
      ],
      providers: [...providers, Readiness, ...forgetting(parts)],
      exports: providers,
    };
  }

  // The last hook of all: requests and messages in hand have been finished, nothing needs the database any more.
  async onApplicationShutdown(): Promise<void> {
    await this.opened?.close();
  }
}

function environment<E extends ServiceEnv>({ options, env, telemetry, document }: KitParts<E>): Provider[] {
  return [
    { provide: ServiceEnv, useValue: env },
    ...(options.config === (ServiceEnv as unknown) ? [] : [{ provide: options.config, useValue: env }]),
    { provide: PrometheusExporter, useFactory: () => telemetry.metrics },
    { provide: ApiDocument, useValue: document },
  ];
}

function databaseProviders<E extends ServiceEnv>({ options, env, log }: KitParts<E>): Provider[] {
  const tables = options.database;
  if (!tables) return [{ provide: database, useValue: null }];
  return [
    { provide: database, useFactory: () => openDatabase(options.service, env, tables, log) },
    { provide: MikroORM, useFactory: ({ orm }: Database) => orm, inject: [database] },
    { provide: EntityManager, useFactory: ({ orm }: Database) => orm.em, inject: [database] },
    { provide: Pool, useFactory: ({ pool }: Database) => pool, inject: [database] },
  ];
}

function forgetting<E extends ServiceEnv>({ options, env }: KitParts<E>): Provider[] {
  if (!options.database?.entities.includes(IdempotencyKey)) return [];
  const useFactory = (pool: Pool) => new ForgetIdempotencyKeys(pool, env.IDEMPOTENCY_KEY_DAYS);
  return [{ provide: ForgetIdempotencyKeys, useFactory, inject: [Pool] }];
}

function keyRing(env: ServiceEnv): Provider[] {
  const ring = KeyRing.ofEnvironment(env);
  return ring ? [{ provide: KeyRing, useValue: ring }] : [];
}
