import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
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

/**
 * Several programs in this process, for a small installation: `<file> <folder>`, where the folder has one of its own for each program
 * that is wanted, with the settings that are only its own (as SETTINGS_DIR). What all of them need may be in the environment. Each
 * has its own port, its own connections with its own role and key, and its own name in logs, metrics and traces; they share a heap and
 * an event loop, and end together.
 * @param programs creates each, by the name of its folder
 */
export async function startInOneProcess(
  programs: Readonly<Record<string, (settings: Environment) => Promise<RunningService>>>,
): Promise<void> {
  const folder = process.argv[2] ?? '';
  let name = 'single-process';
  try {
    const services: RunningService[] = [];
    endOnSignal(services);
    for (name of namesIn(folder, Object.keys(programs)))
      services.push(await programs[name]!({ SETTINGS_DIR: join(folder, name) }));
    for (const service of services) await service.listen();
  } catch (error) {
    process.stderr.write(`${name} start failed. ${explain(error)}\n`);
    process.exit(1);
  }
}

/** @throws Error naming what is not one of the programs */
function namesIn(folder: string, known: readonly string[]): string[] {
  const found = folder ? readdirSync(folder) : [];
  const unknown = found.filter((name) => !known.includes(name));
  if (found.length > 0 && unknown.length === 0) return found;
  const problem = !folder
    ? 'No folder was named'
    : unknown.length > 0
      ? `${folder} contains ${unknown.join(', ')}, which is no program`
      : `${folder} is empty`;
  throw new Error(
    `${problem}. Name a folder that has one with settings for each program: ${known.join(', ')}.`,
  );
}

async function serve<E extends ServiceEnv>(options: ServiceOptions<E>): Promise<void> {
  const service = await createService(options);
  endOnSignal([service]);
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

/** Ends the process when it is told to; `services` may still grow until then. */
function endOnSignal(services: readonly RunningService[]): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    const late = setTimeout(
      () => {
        process.stderr.write('Shutdown timed out; exiting.\n');
        process.exit(1);
      },
      Math.max(0, ...services.map(({ env }) => env.DRAIN_MS + env.SHUTDOWN_MS)),
    );
    const closed = Promise.all(services.map((service) => service.drain().then(() => service.close())));
    void closed.then(
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
