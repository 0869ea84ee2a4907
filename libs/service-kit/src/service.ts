import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Environment } from './config.ts';
import type { ServiceEnv } from './service-env.ts';
import type { ServiceOptions } from './service-options.ts';

export interface RunningService<E extends ServiceEnv = ServiceEnv> {
  app: NestFastifyApplication;
  env: E;
  /** Address it listens on, e.g. `http://127.0.0.1:41231`; empty before `listen()`. */
  readonly url: string;
  /** Runs the migrations that are missing. */
  migrate(): Promise<void>;
  /** Starts HTTP and message handlers; answers the address. */
  listen(): Promise<string>;
  /** An instance out of Nest's container. */
  get<T>(token: Type<T> | string | symbol): T;
  /** Stops taking requests and messages, finishes those in hand, closes every connection. */
  close(): Promise<void>;
}

/** A service in this process, for tests and for `start()`. It throws instead of ending the process. */
export declare function createService<E extends ServiceEnv>(
  options: ServiceOptions<E>,
  overrides?: Environment,
): Promise<RunningService<E>>;
