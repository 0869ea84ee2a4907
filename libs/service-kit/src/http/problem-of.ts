import { HttpException } from '@nestjs/common';
import { DomainError } from '@isthmus/domain';
import { OptimisticLockError, UniqueConstraintViolationException } from '@mikro-orm/core';
import { isDatabaseDown } from '../database/database-down.ts';
import { staleVersion } from './etag.ts';
import { databaseUnavailable, problemOfStatus } from './known-problems.ts';
import { Problem } from './problem.ts';

export interface ProblemTable {
  /** Status per domain error code. */
  statuses: Readonly<Record<string, number>>;
  databasePort: number;
}

/** What an error means to an HTTP client. Anything not known here is a 500 that says nothing of the inside. */
export function problemOf(error: unknown, table: ProblemTable): Problem {
  if (error instanceof Problem) return error;
  const facts = (typeof error === 'object' && error !== null ? error : {}) as ErrorFacts;
  const status =
    typeof facts.code === 'string' ? (table.statuses[facts.code] ?? askStatuses[facts.code]) : undefined;
  if (status !== undefined) return domainProblem(error as Error & ErrorFacts, status);
  if (error instanceof OptimisticLockError) return staleVersion();
  if (error instanceof HttpException) return problemOfStatus(error.getStatus(), error.message, error);
  if (isDatabaseDown(error, table.databasePort)) return databaseUnavailable(error);
  if (error instanceof UniqueConstraintViolationException) {
    return problemOfStatus(409, 'Another request has just made the same thing.', error);
  }
  if (
    typeof facts.code === 'string' &&
    facts.code.startsWith('FST_') &&
    typeof facts.statusCode === 'number'
  ) {
    return fastifyProblem(error as Error, facts.code, facts.statusCode);
  }
  return problemOfStatus(500, undefined, error);
}

/** A question to another service that stayed without an answer. */
const askStatuses: Record<string, number> = {
  'ask.timed-out': 504,
  'ask.no-responders': 503,
  'ask.disconnected': 503,
  'nats.away': 503,
};

interface ErrorFacts {
  code?: unknown;
  statusCode?: unknown;
  nextStep?: unknown;
}

function domainProblem(error: Error & ErrorFacts, status: number): Problem {
  const { code, name, message: detail, nextStep } = error;
  const facts = {
    status,
    type: String(code),
    title: titleOf(name),
    detail,
    nextStep: typeof nextStep === 'string' ? nextStep : undefined,
  };
  if (!(error instanceof DomainError)) return new Problem(facts, { cause: error });
  const { title = facts.title, errors, details: more } = error;
  return new Problem({ ...facts, title, errors, more }, { cause: error });
}

/** `ConnectorNotFound` → `Connector not found` */
function titleOf(name: string): string {
  const words = name
    .replace(/(?:Error|Exception)$/, '')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function fastifyProblem(error: Error, code: string, status: number): Problem {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problemOfStatus(413, 'Send at most 1 MB, or what BODY_LIMIT allows.', error);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problemOfStatus(415, 'Send the body as application/json.', error);
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return problemOfStatus(400, 'The body is empty although its type is JSON.', error);
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return problemOfStatus(400, 'The body is not valid JSON.', error);
    default:
      return problemOfStatus(status, error.message, error);
  }
}
