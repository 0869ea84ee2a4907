import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Problem, type FieldError } from '@isthmus/service-kit';
import { catchError, throwError, type Observable } from 'rxjs';
import {
  ConnectorNameTaken,
  MarketplaceUnknown,
  RestoreNotVerified,
  SecretNeededAgain,
} from './connector.errors.ts';

/** Tells a form which of its fields a domain error is about. */
@Injectable()
export class FieldProblems implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError((error: unknown) => throwError(() => withFields(error))));
  }
}

function withFields(error: unknown): unknown {
  if (error instanceof ConnectorNameTaken) return problem(409, 'The name is taken', error, ['name']);
  if (error instanceof MarketplaceUnknown)
    return problem(400, 'The marketplace is not known', error, ['country']);
  if (error instanceof SecretNeededAgain)
    return problem(400, 'Secrets are needed again', error, error.missing);
  if (error instanceof RestoreNotVerified)
    return problem(
      422,
      'The account could not be verified',
      error,
      error.failed.field ? [error.failed.field] : [],
    );
  return error;
}

function problem(
  status: number,
  title: string,
  cause: Error & { code: string; nextStep: string },
  fields: readonly string[],
): Problem {
  const { code: type, message: detail, nextStep } = cause;
  const errors: FieldError[] = fields.map((field) => ({ field, message: `${detail} ${nextStep}` }));
  return new Problem({ status, type, title, detail, nextStep, errors }, { cause });
}
