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
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { actorOf, withActing } from '../audit/actor.ts';
import type { RouteAccess } from '../auth/access.ts';
import { withCorrelationId } from './correlation.ts';
import { attributes, histogram } from './metrics.ts';

const tracer = trace.getTracer('isthmus');
const duration = histogram('http.server.request.duration');

interface Observed {
  span: Span;
  context: Context;
  startedAt: number;
}

/**
 * A server span per request, named by its route (`POST /v1/connectors`), and its duration as a metric.
 * Fastify hooks rather than instrumentation-http: they know the route, and need no patched module at boot.
 */
export function observeRequests(server: FastifyInstance): void {
  const observed = new WeakMap<FastifyRequest, Observed>();

  server.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const parent = propagation.extract(ROOT_CONTEXT, request.headers);
    const span = tracer.startSpan(
      `${request.method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': request.method,
          'http.route': route,
          'url.path': request.url.split('?', 1)[0],
          [attributes.correlationId]: request.id,
        },
      },
      parent,
    );
    const own = withCorrelationId(trace.setSpan(parent, span), request.id);
    observed.set(request, { span, context: own, startedAt: performance.now() });
    context.with(own, done);
  });

  // Reading a body resumes in the socket's async context, so the request's own must be put back before the handler.
  server.addHook('preHandler', (request, _reply, done) => {
    const seen = observed.get(request);
    if (!seen) return done();
    if (request.principal) seen.span.setAttribute(attributes.tenantId, request.principal.tenantId);
    const actor = actorOf(request.principal, request.apiKeyIdentity);
    const { audited = [] } = request.routeOptions.config as RouteAccess;
    context.with(actor ? withActing(seen.context, { actor, actions: audited }) : seen.context, done);
  });

  server.addHook('onResponse', (request, reply, done) => {
    const seen = observed.get(request);
    if (seen) {
      seen.span.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) seen.span.setStatus({ code: SpanStatusCode.ERROR });
      seen.span.end();
      duration.record((performance.now() - seen.startedAt) / 1000, {
        'http.request.method': request.method,
        'http.route': request.routeOptions.url ?? 'unknown',
        'http.response.status_code': reply.statusCode,
      });
    }
    done();
  });
}
