import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Problem } from '@isthmus/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Agent, type Dispatcher } from 'undici';
import { ConsoleGatewayEnv } from '../config.ts';
import type { ServiceName } from './generated/routes.ts';

const connectTimeoutMs = 2_000;

interface Outgoing {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingHttpHeaders;
  body?: Readable | string | undefined;
  signal?: AbortSignal;
  /** How long to wait for the beginning of the response; PROXY_TIMEOUT_MS by default. */
  headersTimeout?: number;
}

/** The services behind the gateway, over HTTP. */
@Injectable()
export class Services implements OnApplicationShutdown {
  readonly #agent: Agent;
  readonly #addresses: ReadonlyMap<string, string>;
  readonly #timeoutMs: number;

  constructor(env: ConsoleGatewayEnv) {
    this.#addresses = env.serviceUrls;
    this.#timeoutMs = env.PROXY_TIMEOUT_MS;
    this.#agent = new Agent({
      connect: { timeout: connectTimeoutMs },
      headersTimeout: env.PROXY_TIMEOUT_MS,
      // A stream of events may say nothing for as long as it likes.
      bodyTimeout: 0,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  /** @throws Problem 503 when the service cannot be reached, 504 when it does not respond in time */
  async send(service: ServiceName, { method, ...more }: Outgoing): Promise<Dispatcher.ResponseData> {
    const base = new URL(this.#addresses.get(service)!);
    try {
      return await this.#agent.request({
        origin: base.origin,
        method: method as Dispatcher.HttpMethod,
        ...more,
      });
    } catch (error) {
      if (error instanceof Problem || more.signal?.aborted) throw error;
      throw unavailable(service, error as Error & { code?: string });
    }
  }

  /**
   * Reads something for the caller of a request.
   * @throws Problem as the service's; 502 for anything but JSON in time, 503, 504
   */
  async read<T>(
    service: ServiceName,
    path: string,
    request: FastifyRequest,
    timeoutMs = this.#timeoutMs,
  ): Promise<T> {
    const { statusCode, body } = await this.send(service, {
      method: 'GET',
      path,
      headers: { accept: 'application/json', ...onBehalfOf(request) },
      headersTimeout: timeoutMs,
    });
    const late = setTimeout(() => body.destroy(new Error('The response has not ended in time.')), timeoutMs);
    const answer = (await body
      .json()
      .catch((cause: unknown) => {
        throw passedOn(service, Math.max(statusCode, 502), {}, cause);
      })
      .finally(() => clearTimeout(late))) as T | ServiceProblem;
    if (statusCode === 200) return answer as T;
    throw passedOn(service, statusCode, answer as ServiceProblem);
  }

  /**
   * Has a service do something for the caller of a request, of which it says nothing but that it is done.
   * @throws Problem as the service's; 502 for anything but JSON, 503, 504
   */
  async command(
    service: ServiceName,
    path: string,
    content: object | undefined,
    request: FastifyRequest,
  ): Promise<void> {
    const { statusCode, body } = await this.send(service, {
      method: 'POST',
      path,
      headers: {
        accept: 'application/json',
        ...(content && { 'content-type': 'application/json' }),
        ...onBehalfOf(request),
      },
      body: content && JSON.stringify(content),
    });
    if (statusCode === 204) return body.dump();
    const problem = (await body.json().catch((cause: unknown) => {
      throw passedOn(service, Math.max(statusCode, 502), {}, cause);
    })) as ServiceProblem;
    throw passedOn(service, statusCode, problem);
  }
}

/** Who asks, for a request to a service. */
export const onBehalfOf = ({ accessToken, id, ip }: FastifyRequest): Record<string, string> => ({
  authorization: `Bearer ${accessToken}`,
  'x-correlation-id': id,
  'x-forwarded-for': ip,
});

interface ServiceProblem {
  type?: string;
  title?: string;
  detail?: string;
  nextStep?: string;
  errors?: { field: string; message: string }[];
}

const passedOn = (service: ServiceName, status: number, problem: ServiceProblem, cause?: unknown): Problem =>
  new Problem(
    {
      status,
      type: problem.type ?? 'service-failed',
      title: problem.title ?? 'A service has not responded as expected',
      detail: problem.detail,
      nextStep: problem.nextStep,
      errors: problem.errors,
      more: { service },
    },
    { cause },
  );

function unavailable(service: ServiceName, cause: Error & { code?: string }): Problem {
  if (cause.code === 'UND_ERR_HEADERS_TIMEOUT')
    return new Problem(
      {
        status: 504,
        type: 'upstream-timeout',
        title: 'A dependency of this service did not respond in time',
        detail: `The service ${service} has not responded. It may have carried out the request.`,
        nextStep: 'Repeat the request, with the same Idempotency-Key if it had one.',
        more: { service },
      },
      { cause },
    );
  return new Problem(
    {
      status: 503,
      type: 'service-unavailable',
      title: 'A service is not available at the moment',
      detail: `The service ${service} cannot be reached.`,
      nextStep: 'Repeat the request, with the same Idempotency-Key if it had one.',
      retryAfterSeconds: 2,
      more: { service },
    },
    { cause },
  );
}
