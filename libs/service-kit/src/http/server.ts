import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ApiKeyVerifier, RouteAccess, SessionTokens } from '../auth/access.ts';
import { guardRoutes, requireAuditDeclarations } from '../auth/guard-routes.ts';
import { keepsAuditLog } from '../audit/audit.entity.ts';
import { tokenVerifier } from '../auth/verify-token.ts';
import { type ServiceEnv } from '../config.ts';
import type { ServiceOptions } from '../service-options.ts';
import { observeRequests } from '../telemetry/observe-requests.ts';
import { ApiResponse } from './api-response.ts';
import { wantsCsv } from './csv-export.ts';
import { problemSender, type ProblemSender } from './problem-filter.ts';
import { problemForStatus } from './problem.ts';
import { RateLimits } from './rate-limits.ts';
import { endEventStreams } from './sse.ts';

/** Prevents Nest from replacing our handlers; Fastify allows only one of each. */
class KitAdapter extends FastifyAdapter {
  override setErrorHandler(): never {
    return undefined as never;
  }
  override setNotFoundHandler(): never {
    return undefined as never;
  }
}

interface HttpServer {
  adapter: FastifyAdapter;
  send: ProblemSender;
  /** From now on every response asks the client to use another connection for its next request. */
  drain: () => void;
  /** Throws UnguardedRoutes or UnauditedRoutes; call it once all routes are registered. */
  checkRoutes: () => void;
  /** Must be called once there is an application that provides the verifier of API keys. */
  verifyKeysBy: (verifier: ApiKeyVerifier) => void;
  /** The same for what finds the tokens of sessions. */
  findSessionsBy: (tokens: SessionTokens) => void;
}

/** The Fastify server every service has: limits, problem responses, authentication, spans, correlation. */
export function createServer(
  env: ServiceEnv,
  options: Pick<ServiceOptions, 'problems' | 'http' | 'apiKeys' | 'sessions' | 'database'>,
  log: Logger,
): HttpServer {
  const adapter = new KitAdapter({
    bodyLimit: env.BODY_LIMIT,
    requestIdHeader: false,
    trustProxy: env.TRUSTED_PROXIES ?? false,
    genReqId: ({ headers }) => correlationIdFrom(headers['x-correlation-id']),
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    keepAliveTimeout: 65_000,
    requestTimeout: 30_000,
    skipMiddie: true,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 500 },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error: Error, request: unknown, reply: unknown) =>
      send(error, request as FastifyRequest, reply as FastifyReply),
  } as FastifyHttpOptions<never> as never);
  const send = problemSender(log, {
    statuses: options.problems ?? {},
    databasePort: portIn(env.DATABASE_URL),
  });
  const server = adapter.getInstance() as unknown as FastifyInstance;
  const spans = observeRequests(server);
  addRequestHooks(server);
  const drain = gracefulShutdown(server);
  if (options.http === 'health-only') serveHealthOnly(server);
  const limits = new RateLimits(env);
  limits.limitAddresses(server);
  server.decorateRequest('eventStreamsAllowed', env.EVENT_STREAMS_PER_CALLER);
  let keyVerifier: ApiKeyVerifier | undefined;
  let sessionTokens: SessionTokens | undefined;
  const checkAccess = guardRoutes(server, limits, {
    verify: tokenVerifier(env),
    keys: options.apiKeys && { header: options.apiKeys.header, verifier: () => keyVerifier! },
    sessions: options.sessions && (() => sessionTokens!),
  });
  const checkAudit = keepsAuditLog(options.database) ? requireAuditDeclarations(server) : () => undefined;
  spans.start();
  acceptJsonOnly(server, { depth: env.JSON_DEPTH_LIMIT, arrayLength: env.JSON_ARRAY_LIMIT });
  server.setErrorHandler((error, request, reply) => spans.within(request, () => send(error, request, reply)));
  server.setNotFoundHandler(respondToUnknownRoutes(server, send));
  const checkRoutes = () => {
    checkAccess();
    checkAudit();
  };
  return {
    adapter,
    send,
    drain,
    checkRoutes,
    verifyKeysBy: (verifier) => (keyVerifier = verifier),
    findSessionsBy: (tokens) => (sessionTokens = tokens),
  };
}

function portIn(databaseUrl: string): number {
  return Number(new URL(databaseUrl).port || 5432);
}

const acceptable = /(^|,)\s*(\*\/\*|application\/(\*|json|problem\+json))\s*(;|,|$)/i;
const includesType = (accept: string, type: string): boolean =>
  [type, `${type.split('/')[0]}/*`].some((one) => accept.toLowerCase().includes(one));
const correlationForm = /^[\w.:/-]{8,128}$/;

/** The caller's correlation id when it has a harmless form, else a new one. */
function correlationIdFrom(given: string | string[] | undefined): string {
  return typeof given === 'string' && correlationForm.test(given) ? given : randomUUID();
}

/**
 * Headers of every response: its type must not be guessed, and it must not be framed, executed, used as a referrer or cached. A
 * handler whose response may be cached overrides this.
 */
const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Checks every request before its handler, and sends what handlers return as `ApiResponse`. */
function addRequestHooks(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(securityHeaders).header('x-correlation-id', request.id);
    if (request.url.includes('%00'))
      return done(problemForStatus(400, 'The address contains a NUL character.'));
    const { accept } = request.headers;
    const { produces, csv } = request.routeOptions.config as RouteAccess;
    if (
      accept !== undefined &&
      !acceptable.test(accept) &&
      !(csv && wantsCsv(request)) &&
      !produces?.some((type) => includesType(accept, type))
    ) {
      return done(problemForStatus(406, `This answers ${produces?.join(', ') ?? 'application/json'}.`));
    }
    done();
  });
  // A response that needs less than the whole body waits for the rest of it: a client that is still sending when the connection is
  // closed does not get to read the response.
  server.addHook('onSend', ({ raw }, _reply, payload, done) => {
    if (raw.complete || raw.destroyed) return done(null, payload);
    readRest(raw, () => done(null, payload));
  });
  server.addHook('preSerialization', (_request, reply, payload, done) => {
    if (!(payload instanceof ApiResponse)) return done(null, payload);
    void reply.status(payload.status).headers(payload.headers);
    done(null, payload.body === undefined ? null : payload.body);
  });
}

/** Longer than a body takes that is not sent slowly on purpose. */
const longestRestMs = 5_000;

/** Reads what is left of a body, and forgets it. */
function readRest(request: IncomingMessage, done: () => void): void {
  const finish = (): void => {
    clearTimeout(late);
    request.off('end', finish).off('close', finish);
    done();
  };
  const late = setTimeout(finish, longestRestMs);
  request.once('end', finish).once('close', finish).resume();
}

/** What arrives on a connection and is no request that Node can read: it belongs to no route. */
function refuseUnreadable({ code }: Error & { code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, detail] =
    code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'The address and the headers together are longer than 16 kB.']
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'The request has not arrived in time.']
        : [400, 'This is not a valid HTTP/1.1 request.'];
  const { title, type } = problemForStatus(status);
  const body = JSON.stringify({ type, title, status, detail });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** An unknown address is 404, a wrong method at a known one 405 with `Allow`. */
function respondToUnknownRoutes(
  server: FastifyInstance,
  send: ProblemSender,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const routes: { methods: string[]; pattern: RegExp }[] = [];
  server.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), pattern: routePattern(url) });
  });
  return (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = [
      ...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods)),
    ];
    if (methods.length === 0) {
      send(
        problemForStatus(404, `There is no resource at ${path}; GET /openapi.json lists all routes.`),
        request,
        reply,
      );
      return;
    }
    void reply.header('allow', methods.join(', '));
    send(problemForStatus(405, `${path} answers ${methods.join(', ')}.`), request, reply);
  };
}

function routePattern(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) =>
      part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('/');
  return new RegExp(`^${source}/?$`);
}

/** A worker may share its module with the API of its service, but serves none of its routes. */
function serveHealthOnly(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { url = '' } = request.routeOptions;
    if (url.startsWith('/healthz/') || url === '/metrics') return done();
    done(
      problemForStatus(404, 'This is a worker; it serves only /healthz/live, /healthz/ready and /metrics.'),
    );
  });
}

/**
 * Lets a closing server finish the requests in progress and nothing else: event streams end, and remaining responses ask the
 * client to close its connection, which would otherwise keep the server open until the client's own timeout.
 */
function gracefulShutdown(server: FastifyInstance): () => void {
  let closing = false;
  // Browsers open connections before they need them; Node does not count those among the idle ones and would wait for them.
  const unused = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.server.on('request', ({ socket }) => unused.delete(socket));
  server.addHook('preClose', (done) => {
    closing = true;
    endEventStreams();
    for (const socket of unused) socket.destroy();
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
  return () => void (closing = true);
}

interface JsonLimits {
  depth: number;
  arrayLength: number;
}

/** Makes JSON the only body the server reads, within the limits, except on routes that declare (`@Consumes`) what else they take, as a stream. */
function acceptJsonOnly(server: FastifyInstance, limits: JsonLimits): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  // Any application/*+json counts as JSON; everything else is 415.
  server.addContentTypeParser(
    /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/,
    { parseAs: 'string' },
    (request, body: string, done) => {
      // A DELETE or POST without content but with a content type is common among clients and harmless.
      if (body === '') return done(null, undefined);
      void parse(request, body, (error, value) => {
        if (error) return done(notJson(error));
        try {
          checkShape(value, limits);
        } catch (refusal) {
          return done(refusal as Error);
        }
        done(null, value);
      });
    },
  );
  server.addContentTypeParser('*', (request, payload, done) => {
    const { consumes = [] } = request.routeOptions.config as RouteAccess;
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (consumes.includes(type)) return done(null, payload);
    done(problemForStatus(415, `Send the body as ${consumes[0] ?? 'application/json'}.`));
  });
}

function notJson(cause: Error): Error {
  return problemForStatus(
    400,
    'The body is not valid JSON, or it contains a member "__proto__" or "constructor.prototype".',
    cause,
  );
}

/**
 * @throws Problem 400 if the value is nested too deep, has too long an array, or contains a string that PostgreSQL cannot store
 */
function checkShape(value: unknown, limits: JsonLimits, depth = 0): void {
  if (typeof value === 'string') return checkText(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth >= limits.depth)
    throw problemForStatus(400, `The body is nested deeper than ${limits.depth} levels.`);
  if (Array.isArray(value) && value.length > limits.arrayLength) {
    throw problemForStatus(400, `The body contains an array of more than ${limits.arrayLength} items.`);
  }
  if (!Array.isArray(value)) Object.keys(value).forEach(checkText);
  for (const member of Array.isArray(value) ? value : Object.values(value))
    checkShape(member, limits, depth + 1);
}

function checkText(text: string): void {
  if (text.includes('\u0000')) throw problemForStatus(400, 'The body contains a NUL character in a text.');
  if (!text.isWellFormed())
    throw problemForStatus(400, 'The body contains half a character (a lone surrogate) in a string.');
}
