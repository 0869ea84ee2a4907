import { trace } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { counter } from '../telemetry/metrics.ts';
import { attributes } from '../telemetry/names.ts';
import { problemOf, type ProblemTable } from './problem-of.ts';

const problems = counter('isthmus.http.problems');

/** Answers every error of every request, in whichever layer it arose. */
export type ProblemSender = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

export function problemSender(log: Logger, table: ProblemTable): ProblemSender {
  return (error, request, reply) => {
    const problem = problemOf(error, table);
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
    }
    if (reply.sent || reply.raw.headersSent) {
      // Too late to say anything: a cut connection tells the client that the answer is not whole.
      reply.raw.destroy();
      return;
    }
    if (problem.retryAfterSeconds !== undefined)
      void reply.header('retry-after', String(problem.retryAfterSeconds));
    void reply
      .status(problem.status)
      .header('content-type', 'application/problem+json')
      .send(
        // Bytes, because to text Fastify adds a charset, which JSON types do not have.
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
