import { RetryLoop } from '@isthmus/messaging';
import type { RouteAccess } from '@isthmus/service-kit';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RestProviderEnv } from '../config.ts';
import { Work365Client } from '../work365/work365-client.ts';
import { CallStore, type NewCall } from './calls.store.ts';

const storeEveryMs = 1_000;
const rowsPerStatement = 500;
/** While the database is away. About 3 MB. */
const mostWaiting = 10_000;
const pruneEveryMs = 3_600_000;

/**
 * Notes each call of Work 365 after its response has been sent, and stores what has come together once a second: no call waits for it or
 * fails because of it. docs/decisions/0178-calls-of-work-365.md
 */
@Injectable()
export class RecordCalls implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #log = new Logger(RecordCalls.name);
  readonly #waiting: NewCall[] = [];
  readonly #loops: readonly RetryLoop[];
  #dropped = 0;

  constructor(
    private readonly store: CallStore,
    host: HttpAdapterHost,
    env: RestProviderEnv,
  ) {
    // In the constructor: a hook is only for routes that are registered after it.
    host.httpAdapter.getInstance<FastifyInstance>().addHook('onResponse', (request, reply, done) => {
      this.#note(request, reply);
      done();
    });
    this.#loops = [
      new RetryLoop({
        name: 'Storing calls of Work 365',
        run: () => this.#storeSome(),
        idleMs: storeEveryMs,
        idleFirst: true,
        log: this.#log,
      }),
      new RetryLoop({
        name: 'Deleting old calls of Work 365',
        run: async (signal) => {
          const deleted = await store.prune(env.WORK365_CALL_KEEP_DAYS, signal);
          if (deleted > 0) this.#log.log(`Deleted ${deleted} old calls of Work 365.`);
        },
        idleMs: pruneEveryMs,
        idleFirst: true,
        // There is no hurry: the next attempt is made an hour later.
        backoff: { firstMs: pruneEveryMs, maxMs: pruneEveryMs },
        log: this.#log,
      }),
    ];
  }

  onApplicationBootstrap(): void {
    for (const loop of this.#loops) loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }

  /** After the last request, and before the database is closed. */
  async onApplicationShutdown(): Promise<void> {
    try {
      while (await this.#storeSome());
    } catch (error) {
      this.#log.warn(`${this.#waiting.length} calls of Work 365 could not be stored and are lost.`, error);
    }
  }

  /** A call without a valid key is nobody's, so that nobody could be shown it; it is in the log and the metrics. */
  #note(request: FastifyRequest, reply: FastifyReply): void {
    const { access } = request.routeOptions.config as RouteAccess;
    const client = request.apiKeyIdentity;
    if (access !== 'api-key' || !(client instanceof Work365Client)) return;
    if (this.#waiting.length >= mostWaiting) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    const tookMs = reply.elapsedTime;
    this.#waiting.push({
      tenantId: client.tenantId,
      connectorId: client.connectorId,
      apiKeyId: client.apiKeyId,
      apiKeyLabel: client.label,
      at: new Date(Date.now() - tookMs),
      method: request.method,
      route: request.routeOptions.url ?? '',
      status: reply.statusCode,
      tookMs: Math.round(tookMs),
      correlationId: request.id,
    });
  }

  /** @returns whether more are waiting */
  async #storeSome(): Promise<boolean> {
    if (this.#dropped > 0) {
      this.#log.warn(
        `${this.#dropped} calls of Work 365 were not stored: more than ${mostWaiting} waited for the database.`,
      );
      this.#dropped = 0;
    }
    const calls = this.#waiting.splice(0, rowsPerStatement);
    if (calls.length === 0) return false;
    try {
      await this.store.append(calls);
    } catch (error) {
      this.#waiting.unshift(...calls);
      throw error;
    }
    return this.#waiting.length > 0;
  }
}
