import { DomainError } from '@isthmus/domain';
import { OptimisticLockError, UniqueConstraintViolationException } from '@mikro-orm/core';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isDatabaseDown } from '../database/lost-connections.ts';
import { attributes, counter } from '../telemetry/metrics.ts';
import { staleVersion } from './api-response.ts';
import { databaseUnavailable, Problem, problemForStatus } from './problem.ts';

/** Errors of controllers, pipes and interceptors; those of hooks and parsers go to the same sender through Fastify. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly send: ProblemSender) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.send(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

const problems = counter('isthmus.http.problems');

/** Responds to every error of every request, in whichever layer it arose. */
export type ProblemSender = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

export function problemSender(log: Logger, table: ProblemTable): ProblemSender {
  return (error, request, reply) => {
    const problem = toProblem(error, table);
    problems.add(1, { 'http.response.status_code': problem.status, type: problem.code });
    trace.getActiveSpan()?.setAttribute(attributes.problemType, problem.type);
    if (problem.status >= 500) {
      const level = problem.status === 500 ? 'error' : 'warn';
      log[level](
        {
          err: problem.cause ?? problem,
          correlationId: request.id,
          method: request.method,
          route: request.routeOptions?.url,
        },
        problem.title,
      );
    } else if (isRefusedCaller(problem, request)) {
      const { tenantId, subject } = request.principal ?? request.apiKeyIdentity ?? {};
      const { id: correlationId, method, ip: address } = request;
      const route = request.routeOptions?.url;
      log.warn(
        { correlationId, method, route, address, tenantId, subject, reason: problem.detail },
        problem.title,
      );
    }
    if (reply.sent || reply.raw.headersSent) {
      // Too late for a problem: cutting the connection tells the client that the response is incomplete.
      reply.raw.destroy();
      return;
    }
    if (problem.retryAfterSeconds !== undefined)
      void reply.header('retry-after', String(problem.retryAfterSeconds));
    void reply
      .status(problem.status)
      .header('content-type', 'application/problem+json')
      .send(
        // Bytes, because Fastify adds a charset to strings, which JSON types do not have.
        Buffer.from(
          JSON.stringify({
            ...problem.more,
            type: problem.type,
            title: problem.title,
            status: problem.status,
            detail: problem.detail,
            instance: request.url.split('?', 1)[0],
            nextStep: problem.nextStep,
            errors: problem.errors,
            correlationId: request.id,
          }),
        ),
      );
  };
}

/** Credentials that are not taken, or a caller that may not do this. Who sends none at all tries nothing. */
function isRefusedCaller({ status }: Problem, { headers }: FastifyRequest): boolean {
  return status === 403 || (status === 401 && headers.authorization !== undefined);
}

interface ProblemTable {
  /** Status per domain error code. */
  statuses: Readonly<Record<string, number>>;
  databasePort: number;
}

/** The meaning of an error for an HTTP client. Anything unknown is a 500 that reveals nothing internal. */
export function toProblem(error: unknown, table: ProblemTable): Problem {
  if (error instanceof Problem) return error;
  const facts = (typeof error === 'object' && error !== null ? error : {}) as ErrorFacts;
  const status =
    typeof facts.code === 'string' ? (table.statuses[facts.code] ?? requestStatuses[facts.code]) : undefined;
  if (status !== undefined) return domainProblem(error as Error & ErrorFacts, status);
  if (error instanceof OptimisticLockError) return staleVersion();
  if (error instanceof HttpException) return problemForStatus(error.getStatus(), error.message, error);
  if (isDatabaseDown(error, table.databasePort)) return databaseUnavailable(error);
  if (error instanceof UniqueConstraintViolationException) {
    return problemForStatus(409, 'Another request has just created the same resource.', error);
  }
  if (
    typeof facts.code === 'string' &&
    facts.code.startsWith('FST_') &&
    typeof facts.statusCode === 'number'
  ) {
    return fastifyProblem(error as Error, facts.code, facts.statusCode);
  }
  return problemForStatus(500, undefined, error);
}

/** A request to another service that got no response, or the response that it cannot reach its database. */
const requestStatuses: Record<string, number> = {
  'request.timeout': 504,
  'request.no-responders': 503,
  'request.disconnected': 503,
  'request.unavailable': 503,
  'nats.unavailable': 503,
  'nats.permission-denied': 503,
};

interface ErrorFacts {
  code?: unknown;
  statusCode?: unknown;
  nextStep?: unknown;
}

/** Any error may have a status, by its code; only a `DomainError` can have field errors, details and a title. */
function domainProblem(error: Error & ErrorFacts, status: number): Problem {
  const { code, name, message: detail, nextStep } = error;
  const facts = {
    status,
    type: String(code),
    title: titleFrom(name),
    detail,
    nextStep: typeof nextStep === 'string' ? nextStep : undefined,
  };
  if (!(error instanceof DomainError)) return new Problem(facts, { cause: error });
  const { title = facts.title, errors, details: more } = error;
  return new Problem({ ...facts, title, errors, more }, { cause: error });
}

/** `ConnectorNotFound` → `Connector not found` */
function titleFrom(name: string): string {
  const words = name
    .replace(/(?:Error|Exception)$/, '')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function fastifyProblem(error: Error, code: string, status: number): Problem {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problemForStatus(413, 'Send at most 1 MB, or as much as BODY_LIMIT allows.', error);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problemForStatus(415, 'Send the body as application/json.', error);
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return problemForStatus(400, 'The body is empty although its type is JSON.', error);
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return problemForStatus(400, 'The body is longer or shorter than its Content-Length.', error);
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return problemForStatus(400, 'The body is not valid JSON.', error);
    default:
      return problemForStatus(status, error.message, error);
  }
}
