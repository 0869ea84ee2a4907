import { PassThrough, pipeline, type Readable, Transform } from 'node:stream';
import { Problem, problemForStatus, type RouteAccess } from '@isthmus/service-kit';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ConsoleGatewayEnv } from '../config.ts';
import { Sessions } from '../sessions/sessions.service.ts';
import { routes, type ServiceName } from './generated/routes.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { onBehalfOf, Services } from './services.service.ts';

/** Whose caller is known; which role a route needs, its service knows. */
const access: RouteAccess = {
  access: 'viewer',
  produces: ['application/json', 'text/event-stream', 'text/csv'],
};

/** How often a stream looks whether the session it was opened in is still there. */
const sessionCheckMs = 5_000;

/** Passes `/v1/*` on to the service that serves it, as the caller, without reading bodies or waiting for their ends. */
@Injectable()
export class Proxy implements OnModuleInit {
  readonly #streams = new Set<PassThrough>();

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly services: Services,
    private readonly sessions: Sessions,
    private readonly env: ConsoleGatewayEnv,
  ) {}

  async onModuleInit(): Promise<void> {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    // A scope of its own, because elsewhere bodies are parsed.
    await server.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, body, parsed) => parsed(null, body));
      scope.route({
        method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url: '/v1/*',
        config: access,
        handler: (request, reply) => this.#passOn(request, reply),
      });
      // A connection on which a body is still arriving, though it had time, cannot be used for the next request.
      scope.addHook('onSend', (request, reply, payload, sent) => {
        if (!request.raw.complete) void reply.header('connection', 'close');
        sent(null, payload);
      });
      scope.addHook('preClose', (closed) => {
        for (const stream of this.#streams) stream.end();
        closed();
      });
      done();
    });
  }

  async #passOn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const service = serviceOf(request.url);
    if (!service)
      throw problemForStatus(404, `No service has a resource at ${request.url.split('?', 1)[0]}.`);
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    const response = await this.services.send(service, {
      method: request.method,
      path: request.url,
      headers: { ...requestHeaders(request.headers), ...onBehalfOf(request) },
      body: this.#limited(request),
      signal: left.signal,
    });
    void reply.code(response.statusCode).headers(responseHeaders(response.headers));
    return reply.send(isStream(response.headers) ? this.#untilClosed(response.body, request) : response.body);
  }

  /** The body, as long as it is not too large. */
  #limited(request: FastifyRequest): Readable | undefined {
    const body = request.body as Readable | undefined;
    if (!body) return undefined;
    const most = this.env.PROXY_BODY_LIMIT;
    if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge(most);
    let size = 0;
    const counting = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        done(size > most ? tooLarge(most) : null, chunk);
      },
    });
    // What nobody wants any more is read all the same: the client may be listening only when it has sent everything.
    counting.once('close', () => body.unpipe(counting).resume());
    return body.pipe(counting);
  }

  /** A stream of events ends when the gateway does, and its client then connects to another one; or soon after its session. */
  #untilClosed(body: Readable, request: FastifyRequest): Readable {
    const stream = new PassThrough();
    this.#streams.add(stream);
    const checks =
      this.sessions.of(request) && setInterval(() => void this.#check(stream, request), sessionCheckMs);
    stream.once('close', () => {
      clearInterval(checks);
      this.#streams.delete(stream);
      body.destroy();
    });
    return pipeline(body, stream, () => undefined);
  }

  /** Ends the stream of a person who has signed out, in whichever process; not for a database that cannot be reached. */
  async #check(stream: PassThrough, request: FastifyRequest): Promise<void> {
    const session = await this.sessions.find(request).catch(() => 'unknown');
    if (!session) stream.end();
  }
}

/** The service that serves an address; undefined if none does. */
export const serviceOf = (url: string): ServiceName | undefined => {
  const segment = /^\/v1\/([a-z\d-]+)(?=[/?]|$)/.exec(url)?.[1] ?? '';
  return Object.hasOwn(routes, segment) ? routes[segment] : undefined;
};

const isStream = (headers: Record<string, string | string[] | undefined>): boolean =>
  String(headers['content-type']).startsWith('text/event-stream');

const tooLarge = (most: number): Problem => problemForStatus(413, `Send at most ${most} bytes.`);
