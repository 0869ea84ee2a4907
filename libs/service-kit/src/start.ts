import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { type Environment, readCommand, readConfig, type ServiceEnv } from './config.ts';
import { migrate } from './database/migrate.ts';
import { rootModule } from './kit.module.ts';
import { ApiDocument } from './openapi/document.controller.ts';
import type { ServiceOptions } from './service-options.ts';
import { createService, type RunningService } from './service.ts';
import { createLogger } from './telemetry/logger.ts';

/**
 * The whole of a service's `main.ts`: `serve` (default), `migrate` (run the migrations and end) or `openapi` (print the
 * API document; needs no server), by the first argument of the command line.
 */
export async function start<E extends ServiceEnv>(options: ServiceOptions<E>): Promise<void> {
  let command = 'start';
  try {
    command = readCommand(process.argv);
    if (command === 'serve') return await serve(options);
    if (command === 'migrate') return await migrateOnly(options);
    await printDocument(options);
  } catch (error) {
    process.stderr.write(`${options.service} ${command} failed. ${explain(error)}\n`);
    process.exit(1);
  }
}

async function serve<E extends ServiceEnv>(options: ServiceOptions<E>): Promise<void> {
  const service = await createService(options);
  endOnSignal(service);
  await service.listen();
}

async function migrateOnly<E extends ServiceEnv>(options: ServiceOptions<E>): Promise<void> {
  const done = await migrateDatabase(options);
  process.stdout.write(
    `${options.service}: ${done.length === 0 ? 'the database is up to date' : `migrated ${done.join(', ')}`}.\n`,
  );
}

/**
 * Makes what is missing of roles and database if it may, runs the service's pending migrations, and returns their names. Without
 * Nest, NATS or an issuer: a migration job only needs the database.
 */
export function migrateDatabase<E extends ServiceEnv>(
  { service, config, database }: Pick<ServiceOptions<E>, 'service' | 'config' | 'database'>,
  overrides: Environment = {},
): Promise<string[]> {
  const env = readConfig(config, overrides, /DATABASE_|^CROSS_TENANT_ROLE$/);
  const tables = database ?? { entities: [], migrations: [] };
  return migrate(service, env, tables, createLogger(service, 'warn'));
}

function endOnSignal(service: RunningService): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    const late = setTimeout(() => {
      process.stderr.write('Shutdown timed out; exiting.\n');
      process.exit(1);
    }, service.env.SHUTDOWN_MS);
    void service.close().then(
      () => (clearTimeout(late), process.exit(0)),
      (error: unknown) => (process.stderr.write(`${explain(error)}\n`), process.exit(1)),
    );
  };
  process.on('SIGTERM', end).on('SIGINT', end);
}

async function printDocument<E extends ServiceEnv>(options: ServiceOptions<E>): Promise<void> {
  const text = `${JSON.stringify(await readApiDocument(options), undefined, 2)}\n`;
  process.stdout.write(text, () => process.exit(0));
}

/** The service's API document. Nest's preview mode instantiates nothing, so nothing is connected to. */
export async function readApiDocument<E extends ServiceEnv>(
  options: ServiceOptions<E>,
): Promise<OpenAPIObject> {
  const env = readConfig(options.config, {}, /^$/);
  const log = createLogger(options.service, 'silent');
  const document = new ApiDocument(options);
  const module = rootModule({ options, env, log, telemetry: undefined as never, document });
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  document.describe(app);
  return document.read();
}

/** An error with its causes, formatted for a terminal. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` Because: ${explain(error.cause)}`;
  const place = 'code' in error ? '' : `\n${error.stack?.split('\n').slice(1, 6).join('\n')}`;
  return `${error.message}${place}${cause}`;
}
