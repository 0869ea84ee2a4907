import 'reflect-metadata';
import { setTimeout } from 'node:timers/promises';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connectMessaging, endingLoopsBy } from '@isthmus/messaging';
import type { DestinationStream } from 'pino';
import { type Environment, readConfig, type ServiceEnv } from './config.ts';
import { migrate } from './database/migrate.ts';
import { Readiness } from './health.controller.ts';
import { CsvExport } from './http/csv-export.ts';
import { ProblemFilter } from './http/problem-filter.ts';
import { createServer } from './http/server.ts';
import { validationPipe } from './http/validation.ts';
import { createLogger, NestLogger } from './telemetry/logger.ts';
import { asProgram } from './telemetry/program.ts';
import { ApiDocument } from './openapi/document.controller.ts';
import { rootModule } from './kit.module.ts';
import type { ServiceOptions } from './service-options.ts';
import { startTelemetry } from './telemetry/start-telemetry.ts';

export interface RunningService<E extends ServiceEnv = ServiceEnv> {
  app: NestFastifyApplication;
  env: E;
  /** Address it listens on, e.g. `http://127.0.0.1:41231`; empty before `listen()`. */
  readonly url: string;
  /** Runs pending migrations and returns their names. */
  migrate(): Promise<string[]>;
  /** Starts HTTP and message handlers; returns the address. */
  listen(): Promise<string>;
  /** An instance out of Nest's container. */
  get<T>(token: (abstract new (...args: never[]) => T) | Type<T> | string | symbol): T;
  /** Reports that no more requests are wanted, but still accepts them for DRAIN_MS: load balancers learn of it meanwhile. */
  drain(): Promise<void>;
  /** Stops accepting requests and messages, finishes those in progress, closes every connection. */
  close(): Promise<void>;
}

export interface ServiceTools {
  /** Where the log is written; standard output if absent. */
  logTo?: DestinationStream;
}

/**
 * A service in this process, for tests and for `start()`. It throws instead of ending the process.
 * @param overrides win over the process's environment
 */
export async function createService<E extends ServiceEnv>(
  options: ServiceOptions<E>,
  overrides: Environment = {},
  tools: ServiceTools = {},
): Promise<RunningService<E>> {
  const env = readConfig(options.config, overrides);
  const log = createLogger(options.service, env.LOG_LEVEL, tools.logTo);
  const telemetry = await startTelemetry({
    service: options.service,
    endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: env.OTEL_SAMPLE_RATIO,
  });
  const { adapter, send, drain, checkRoutes, verifyKeysBy, findSessionsBy } = createServer(env, options, log);
  const document = new ApiDocument(options);
  const ending = new AbortController();
  const within = <T>(work: () => T): T => asProgram({ ...telemetry, log }, work);
  const app = await within(() =>
    endingLoopsBy(ending.signal, () =>
      NestFactory.create<NestFastifyApplication>(
        rootModule({ options, env, log, telemetry, document }),
        adapter,
        {
          logger: new NestLogger(log),
          bodyParser: false,
          abortOnError: false,
          forceCloseConnections: false,
        },
      ),
    ),
  );
  document.describe(app);
  app
    .useGlobalFilters(new ProblemFilter(send))
    .useGlobalPipes(validationPipe())
    .useGlobalInterceptors(new CsvExport());
  let url = '';
  let closing: Promise<void> | undefined;
  const service: RunningService<E> = {
    app,
    env,
    get url() {
      return url;
    },
    migrate: () => migrate(options.service, env, options.database!, log),
    listen: () =>
      within(async () => {
        try {
          await app.init();
          checkRoutes();
          if (options.apiKeys) verifyKeysBy(app.get(options.apiKeys.verifier, { strict: false }));
          if (options.sessions) findSessionsBy(app.get(options.sessions, { strict: false }));
          if (options.database?.messaging !== false) await connectMessaging(app);
          await app.listen(env.PORT, env.HOST);
        } catch (error) {
          await service.close();
          throw error;
        }
        url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
        log.info({ url }, `${options.service} listens.`);
        return url;
      }),
    get: (token) => app.get(token as Type<never>, { strict: false }),
    drain: async () => {
      if (env.DRAIN_MS === 0 || !url) return;
      app.get(Readiness).stopping();
      drain();
      await setTimeout(env.DRAIN_MS);
    },
    close: () => {
      ending.abort();
      closing ??= within(() => app.close());
      return closing;
    },
  };
  return service;
}
