import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemSender } from './send-problem.ts';

/** Errors of controllers, pipes and interceptors; those of hooks and parsers go to the same sender through Fastify. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly send: ProblemSender) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.send(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}
