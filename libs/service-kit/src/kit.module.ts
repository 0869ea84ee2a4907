import { MessagingModule, type MessagingSettings, NatsKey } from '@isthmus/messaging';
import { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
  type Type,
} from '@nestjs/common';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { AuditController } from './audit/audit.controller.ts';
import { keepsAuditLog } from './audit/audit.entity.ts';
import { AuditLog } from './audit/audit-log.job.ts';
import { type Database, openDatabase } from './database/database.ts';
import { HealthController, MetricsController, MetricsServer, Readiness } from './health.controller.ts';
import { IdempotencyKeyExpiry, IdempotencyKey } from './idempotency/idempotent.ts';
import { ApiDocument, DocumentController } from './openapi/document.controller.ts';
import { crossTenantRole, ServiceEnv } from './config.ts';
import { acrossTenants, inTenant } from './database/tenant-scope.ts';
import type { ServiceOptions } from './service-options.ts';
import { Backlog } from './telemetry/backlog.ts';
import type { Telemetry } from './telemetry/start-telemetry.ts';

interface KitParts<E extends ServiceEnv> {
  options: ServiceOptions<E>;
  env: E;
  log: Logger;
  telemetry: Telemetry;
  document: ApiDocument;
}

@Module({})
class RootModule {}

/** The kit, messaging and the service itself as one module. */
export function rootModule<E extends ServiceEnv>(parts: KitParts<E>): DynamicModule {
  const { options, env } = parts;
  const { service, module, messaging } = options;
  const own = isModuleClass(module) ? module : (module as (env: E) => DynamicModule)(env);
  // Outbox, inbox and handlers for a service with a database; only requests and responses for one without.
  const bus: MessagingSettings = {
    ...messaging,
    service,
    natsUrl: env.NATS_URL,
    natsKey: NatsKey.ofEnvironment(env, service),
    database: options.database !== undefined,
    tenants: { within: inTenant, across: acrossTenants, crossTenantRole: crossTenantRole(env) },
  };
  return { module: RootModule, imports: [KitModule.for(parts), MessagingModule.forService(bus), own] };
}

function isModuleClass(module: unknown): module is Type {
  return typeof module === 'function' && /^class\b/.test(Function.prototype.toString.call(module));
}

const database = Symbol('database');

/** Providers of every service: its environment, `MikroORM`, `Pool`; and the routes that every service has. */
@Module({})
class KitModule implements OnApplicationShutdown {
  constructor(@Inject(database) private readonly opened: Database | null) {}

  static for<E extends ServiceEnv>(parts: KitParts<E>): DynamicModule {
    const ownMetricsPort = parts.env.METRICS_PORT !== undefined;
    const providers = [...environment(parts), ...databaseProviders(parts)];
    return {
      module: KitModule,
      global: true,
      controllers: [
        HealthController,
        ...(ownMetricsPort ? [] : [MetricsController]),
        ...(parts.options.http === 'health-only' ? [] : [...documents(parts), ...auditRoutes(parts.options)]),
      ],
      providers: [
        ...providers,
        Readiness,
        ...(ownMetricsPort ? [MetricsServer] : []),
        ...keyExpiry(parts),
        ...auditLog(parts),
        ...backlog(parts.options),
      ],
      exports: providers,
    };
  }

  // The last hook of all: requests and messages in progress have been finished, and the database is no longer needed.
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

function keyExpiry<E extends ServiceEnv>({ options, env }: KitParts<E>): Provider[] {
  if (!options.database?.entities.includes(IdempotencyKey)) return [];
  const useFactory = (pool: Pool) => new IdempotencyKeyExpiry(pool, env.IDEMPOTENCY_KEY_DAYS);
  return [{ provide: IdempotencyKeyExpiry, useFactory, inject: [Pool] }];
}

function documents<E extends ServiceEnv>({ env }: KitParts<E>): Type[] {
  return env.API_DOCS === 'no' ? [] : [DocumentController];
}

function auditRoutes<E extends ServiceEnv>({ database: tables }: ServiceOptions<E>): Type[] {
  return keepsAuditLog(tables) ? [AuditController] : [];
}

function auditLog<E extends ServiceEnv>({ options, env }: KitParts<E>): Provider[] {
  if (!keepsAuditLog(options.database)) return [];
  return [
    {
      provide: AuditLog,
      useFactory: (pool: Pool, orm: MikroORM) =>
        new AuditLog(pool, orm, options.service, env.AUDIT_PUBLISH_MS),
      inject: [Pool, MikroORM],
    },
  ];
}

function backlog<E extends ServiceEnv>({ database: tables, backlog: kinds }: ServiceOptions<E>): Provider[] {
  if (!tables || !kinds) return [];
  return [{ provide: Backlog, useFactory: (pool: Pool) => new Backlog(pool, kinds), inject: [Pool] }];
}
