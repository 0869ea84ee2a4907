import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Problem } from '@isthmus/service-kit';
import { catchError, throwError, type Observable } from 'rxjs';
import { TenantParametersRefused } from '../domain/tenant-parameters-refused.error.ts';

/** Tells a form which of its fields a domain error is about. */
@Injectable()
export class FieldProblems implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError((error: unknown) => throwError(() => withFields(error))));
  }
}

function withFields(error: unknown): unknown {
  if (!(error instanceof TenantParametersRefused)) return error;
  const { code: type, message: detail, nextStep, errors } = error;
  const title = 'The parameters of the purchase are not right';
  return new Problem({ status: 422, type, title, detail, nextStep, errors }, { cause: error });
}
