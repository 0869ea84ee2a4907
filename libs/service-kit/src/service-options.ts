import type { DynamicModule, Type } from '@nestjs/common';
import type { EntityClass, EntitySchema } from '@mikro-orm/core';
import type { ApiKeyAccess } from './auth/access.ts';
import type { MessagingSettings } from '@isthmus/messaging';
import type { ServiceEnv } from './config.ts';
import type { BacklogKinds } from './telemetry/backlog.ts';

/** A MikroORM migration class; its name is its identity in the migrations table. */
export type MigrationClass = new (...args: never[]) => { up(): void | Promise<void> };

export interface DatabaseOptions {
  /** The service's own entities; those of messaging are added automatically. */
  entities: readonly (EntitySchema | EntityClass<object> | { new (): object })[];
  /** The migrations in the order in which they run. */
  migrations: readonly MigrationClass[];
}

/** The messaging settings of a service; name and address are set automatically. */
type MessagingChoices = Omit<MessagingSettings, 'service' | 'natsUrl' | 'natsKey' | 'database' | 'tenants'>;

/** The options of a service. */
export interface ServiceOptions<E extends ServiceEnv = ServiceEnv> {
  /** Its name on the bus, in logs, traces and the API document, e.g. `connector-config`. */
  service: string;
  /** The root module, or a function of the validated environment that returns one. */
  module: Type | ((env: E) => DynamicModule);
  config: new () => E;
  /** Absent for a service without tables, which then also has no outbox or inbox. */
  database?: DatabaseOptions;
  /** HTTP status per domain error code, e.g. `{ 'connector.not-found': 404, 'connector.in-use': 409 }`. */
  problems?: Readonly<Record<string, number>>;
  /** It also returns other services' refusals under their own codes, so its document lists no types of problems. */
  passesProblemsOn?: boolean;
  /** Pending work that is stored in tables, for the metric `isthmus.backlog`. */
  backlog?: BacklogKinds;
  /** Retries, concurrency and the like, where the service differs from messaging's defaults. */
  messaging?: MessagingChoices;
  /** `health-only`: a worker that serves nothing but /healthz and /metrics. */
  http?: 'full' | 'health-only';
  /** How routes with `@AllowApiKey` identify their caller; needed by a service that has such routes. */
  apiKeys?: ApiKeyAccess;
  /** Shown at the top of the API document. */
  title?: string;
  description?: string;
}
