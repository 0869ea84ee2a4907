import type { FastifyInstance } from 'fastify';
import type { RouteAccess } from '../auth/access.ts';
import { problemForStatus } from './problem.ts';

export interface JsonLimits {
  depth: number;
  arrayLength: number;
}

/** Makes JSON the only body the server reads, within the limits, but for routes that say what else they take as a stream. */
export function acceptJsonOnly(server: FastifyInstance, limits: JsonLimits): void {
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
    'The body is not valid JSON, or it has a member "__proto__" or "constructor.prototype".',
    cause,
  );
}

/** @throws Problem 400 when the value is nested too deep, has too long an array, or text PostgreSQL cannot store */
export function checkShape(value: unknown, limits: JsonLimits, depth = 0): void {
  if (typeof value === 'string') return checkText(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth >= limits.depth)
    throw problemForStatus(400, `The body is nested deeper than ${limits.depth} levels.`);
  if (Array.isArray(value) && value.length > limits.arrayLength) {
    throw problemForStatus(400, `The body has an array of more than ${limits.arrayLength} items.`);
  }
  if (!Array.isArray(value)) Object.keys(value).forEach(checkText);
  for (const member of Array.isArray(value) ? value : Object.values(value))
    checkShape(member, limits, depth + 1);
}

function checkText(text: string): void {
  if (text.includes('\u0000')) throw problemForStatus(400, 'The body has a NUL character in a text.');
  if (!text.isWellFormed())
    throw problemForStatus(400, 'The body has half a character (a lone surrogate) in a text.');
}
