import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { RouteAccess } from '../auth/route-access.ts';
import { Answer } from './answer.ts';
import { problemOfStatus } from './known-problems.ts';

const acceptable = /(^|,)\s*(\*\/\*|application\/(\*|json|problem\+json))\s*(;|,|$)/i;
const correlationForm = /^[\w.:/-]{8,128}$/;

/** The caller's correlation id when it has a harmless form, else a new one. */
export function correlationIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && correlationForm.test(given) ? given : randomUUID();
}

/** What every request goes through before its handler, and every answer before it leaves. */
export function addRequestHooks(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-correlation-id', request.id);
    if (request.url.includes('%00')) return done(problemOfStatus(400, 'The address has a NUL character.'));
    const { accept } = request.headers;
    const { produces } = request.routeOptions.config as RouteAccess;
    if (
      accept !== undefined &&
      !acceptable.test(accept) &&
      !produces?.some((type) => accept.includes(type) || accept.includes(`${type.split('/')[0]}/*`))
    ) {
      return done(problemOfStatus(406, `This answers ${produces?.join(', ') ?? 'application/json'}.`));
    }
    done();
  });
  // Without a body there is nothing to parse, but a wrong Content-Type is a wrong Content-Type.
  server.addHook('preSerialization', (_request, reply, payload, done) => {
    if (!(payload instanceof Answer)) return done(null, payload);
    void reply.status(payload.status).headers(payload.headers);
    done(null, payload.body === undefined ? null : payload.body);
  });
}
