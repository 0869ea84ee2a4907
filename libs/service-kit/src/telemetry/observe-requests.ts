import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { shownPath } from '@isthmus/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { actorOf, withActing } from '../audit/actor.ts';
import type { RouteAccess } from '../auth/access.ts';
import { withCorrelationId } from './correlation.ts';
import { attributes, histogram } from './metrics.ts';

const tracer = trace.getTracer('isthmus');
const duration = histogram('http.server.request.duration');

interface Observed {
  /** Absent until it is known whose request it is. */
  span?: Span;
  context: Context;
  startedAt: number;
}

/** The spans of a server's requests. */
export interface RequestSpans {
  /** Starts them; called when the callers of requests are known, after the hook that authenticates. */
  start(): void;
  /** Runs `work` in the request's span, which starts now if authenticating has failed. */
  within(request: FastifyRequest, work: () => void): void;
}

/**
 * A server span per request, named by its route (`POST /v1/connectors`), and its duration as a metric. Uses Fastify hooks rather
 * than instrumentation-http: they know the route, and need no patched module at start.
 * Traces are continued, with their sampling flag, only for authenticated callers. For all others a new trace is started, linked
 * to theirs: a stranger must not decide what is recorded and exported.
 */
export function observeRequests(server: FastifyInstance): RequestSpans {
  const observed = new WeakMap<FastifyRequest, Observed>();

  server.addHook('onRequest', (request, _reply, done) => {
    const own = withCorrelationId(ROOT_CONTEXT, request.id);
    observed.set(request, { context: own, startedAt: performance.now() });
    context.with(own, done);
  });

  // Reading a body resumes in the socket's async context, so the request's own must be put back before the handler.
  server.addHook('preHandler', (request, _reply, done) => {
    const seen = observed.get(request);
    if (!seen) return done();
    if (request.principal) seen.span?.setAttribute(attributes.tenantId, request.principal.tenantId);
    const actor = actorOf(request.principal, request.apiKeyIdentity);
    const { audited = [] } = request.routeOptions.config as RouteAccess;
    context.with(actor ? withActing(seen.context, { actor, actions: audited }) : seen.context, done);
  });

  server.addHook('onResponse', (request, reply, done) => {
    const seen = observed.get(request);
    if (seen) {
      seen.span?.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) seen.span?.setStatus({ code: SpanStatusCode.ERROR });
      seen.span?.end();
      duration.record((performance.now() - seen.startedAt) / 1000, {
        'http.request.method': request.method,
        'http.route': request.routeOptions.url ?? 'unknown',
        'http.response.status_code': reply.statusCode,
      });
    }
    done();
  });

  const begun = (request: FastifyRequest): Observed | undefined => {
    const seen = observed.get(request);
    if (!seen || seen.span) return seen;
    seen.span = startSpan(request, seen.startedAt);
    seen.context = trace.setSpan(seen.context, seen.span);
    return seen;
  };

  return {
    start: () =>
      void server.addHook('onRequest', (request, _reply, done) => {
        const seen = begun(request);
        if (seen) context.with(seen.context, done);
        else done();
      }),
    within(request, work) {
      const seen = begun(request);
      if (seen) context.with(seen.context, work);
      else work();
    },
  };
}

function startSpan(request: FastifyRequest, startedAt: number): Span {
  const route = request.routeOptions.url ?? 'unknown';
  const given = propagation.extract(ROOT_CONTEXT, request.headers);
  const callers = trace.getSpanContext(given);
  const authenticated = request.principal !== undefined || request.apiKeyIdentity !== undefined;
  return tracer.startSpan(
    `${request.method} ${route}`,
    {
      kind: SpanKind.SERVER,
      startTime: performance.timeOrigin + startedAt,
      links: callers && !authenticated ? [{ context: callers }] : [],
      attributes: {
        'http.request.method': request.method,
        'http.route': route,
        'url.path': shownPath(request.url),
        [attributes.correlationId]: request.id,
      },
    },
    authenticated ? given : ROOT_CONTEXT,
  );
}
