import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Problem } from '@isthmus/service-kit';
import type { FastifyRequest } from 'fastify';
import { catchError, map, type Observable } from 'rxjs';
import { WriteRefused } from '../domain/errors.ts';
import { pascalCase, renamed } from './field-names.ts';
import { Work365Client } from './work365-client.ts';

/** Answers in the names the connector wants, and refusals of other services under their own codes. */
@Injectable()
export class SpeakWork365 implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { keyHolder } = context.switchToHttp().getRequest<FastifyRequest>();
    const pascal = keyHolder instanceof Work365Client && keyHolder.pascalCase;
    return next.handle().pipe(
      map((body: unknown) => (pascal ? renamed(body, pascalCase) : body)),
      catchError((error: unknown) => {
        throw error instanceof WriteRefused ? refusal(error) : error;
      }),
    );
  }
}

const refusal = (error: WriteRefused): Problem =>
  new Problem(
    {
      status: 422,
      type: error.code,
      title: 'This cannot be ordered',
      detail: error.message,
      nextStep: error.nextStep,
    },
    { cause: error },
  );
