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
import {
  HealthController,
  MetricsController,
  MetricsServer,
  NeededMigrations,
  Readiness,
} from './health.controller.ts';
import { IdempotencyKeyExpiry, IdempotencyKey } from './idempotency/idempotent.ts';
import { ApiDocument, DocumentController } from './openapi/document.controller.ts';
import { ParkedMessagesController } from './parked-messages/parked-messages.controller.ts';
import { crossTenantRole, ServiceEnv } from './config.ts';
import { acrossTenants, inTenant } from './database/tenant-scope.ts';
import type { ServiceOptions } from './service-options.ts';
import { Backlog, backlogSql } from './telemetry/backlog.ts';
import type { GaugeName } from './telemetry/metrics.ts';
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
  const { module } = options;
  const own = isModuleClass(module) ? module : (module as (env: E) => DynamicModule)(env);
  const onBus = options.database?.messaging !== false;
  const bus = onBus ? [MessagingModule.forService(messagingOf(parts))] : [];
  return { module: RootModule, imports: [KitModule.for(parts), ...bus, own] };
}

/** Outbox, inbox and handlers for a service with a database; only requests and responses for one without. */
function messagingOf<E extends ServiceEnv>({ options, env }: KitParts<E>): MessagingSettings {
  return {
    ...options.messaging,
    service: options.service,
    natsUrl: env.NATS_URL,
    natsAccess: {
      key: NatsKey.ofEnvironment(env, options.service),
      caFile: env.NATS_CA_FILE,
      credsFile: env.NATS_CREDS_FILE,
      replicas: env.STREAM_REPLICAS,
    },
    database: options.database !== undefined,
    tenants: { within: inTenant, across: acrossTenants, crossTenantRole: crossTenantRole(env) },
  };
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
        ...(parts.options.http === 'health-only'
          ? []
          : [...documents(parts), ...sharedRoutes(parts.options)]),
      ],
      providers: [
        ...providers,
        Readiness,
        ...neededMigrations(parts.options),
        ...(ownMetricsPort ? [MetricsServer] : []),
        ...keyExpiry(parts),
        ...auditLog(parts),
        ...gauges(parts.options),
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

function neededMigrations<E extends ServiceEnv>({ database: tables }: ServiceOptions<E>): Provider[] {
  const names = tables?.migrations.map(({ name }) => name) ?? [];
  return names.length > 0 ? [{ provide: NeededMigrations, useValue: new NeededMigrations(names) }] : [];
}

function keyExpiry<E extends ServiceEnv>({ options, env }: KitParts<E>): Provider[] {
  if (!options.database?.entities.includes(IdempotencyKey)) return [];
  const useFactory = (pool: Pool) => new IdempotencyKeyExpiry(pool, env.IDEMPOTENCY_KEY_DAYS);
  return [{ provide: IdempotencyKeyExpiry, useFactory, inject: [Pool] }];
}

function documents<E extends ServiceEnv>({ env }: KitParts<E>): Type[] {
  return env.API_DOCS === 'yes' ? [DocumentController] : [];
}

/** What people do with parked messages is in the audit log. */
function sharedRoutes<E extends ServiceEnv>({ database: tables }: ServiceOptions<E>): Type[] {
  if (!keepsAuditLog(tables)) return [];
  return [AuditController, ...(tables?.messaging === false ? [] : [ParkedMessagesController])];
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

const attention = Symbol('attention');
const ages = Symbol('ages');

const parked = { 'message-parked': 'parked_messages' };
const unpublished = `select 'outbox' as kind, coalesce(extract(epoch from now() - min(time)), 0)::int as due
  from outbox where position > (select position from outbox_relay)`;

/** Measurements of the service's own tables. */
function gauges<E extends ServiceEnv>(options: ServiceOptions<E>): Provider[] {
  if (!options.database) return [];
  const gauge = (provide: symbol | typeof Backlog, metric: GaugeName, statement: string): Provider => ({
    provide,
    useFactory: (pool: Pool) => new Backlog(pool, statement, metric),
    inject: [Pool],
  });
  const backlog = options.backlog && gauge(Backlog, 'isthmus.backlog', backlogSql(options.backlog));
  return [
    ...(backlog ? [backlog] : []),
    gauge(attention, 'isthmus.attention', backlogSql({ ...parked, ...options.attention })),
    gauge(ages, 'isthmus.age', [unpublished, ...(options.ages ? [options.ages] : [])].join(' union all ')),
  ];
}
