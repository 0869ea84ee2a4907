import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfig } from '../config.ts';
import { createLogger } from '../logging/logger.ts';
import { rootModule } from '../root.module.ts';
import type { ServiceEnv } from '../service-env.ts';
import type { ServiceOptions } from '../service-options.ts';
import { ApiDocument } from './api-document.ts';

/** The service's API document. Nest's preview mode instantiates nothing, so nothing is connected to. */
export async function documentOf<E extends ServiceEnv>(options: ServiceOptions<E>): Promise<object> {
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

export async function printDocument<E extends ServiceEnv>(options: ServiceOptions<E>): Promise<void> {
  const text = `${JSON.stringify(await documentOf(options), undefined, 2)}\n`;
  process.stdout.write(text, () => process.exit(0));
}
