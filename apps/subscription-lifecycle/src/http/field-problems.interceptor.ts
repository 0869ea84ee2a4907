import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Problem, type ProblemFacts } from '@isthmus/service-kit';
import { catchError, throwError, type Observable } from 'rxjs';
import { OrderRefused } from '../domain/order-refused.error.ts';
import { OrderDiffersFromQuote } from '../domain/quote/quote.errors.ts';
import { TenantParametersRefused } from '../domain/tenant-parameters-refused.error.ts';

/** Tells a form which of its fields a domain error is about, and a program what can be done instead. */
@Injectable()
export class FieldProblems implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError((error: unknown) => throwError(() => withFields(error))));
  }
}

function withFields(error: unknown): unknown {
  if (error instanceof TenantParametersRefused)
    return problem('The parameters of the purchase are not right', error, { errors: error.errors });
  if (error instanceof OrderDiffersFromQuote)
    return problem('The order is not the one that was quoted', error, { errors: error.errors });
  if (error instanceof OrderRefused && error.offer)
    return problem('The order is refused', error, { more: { offer: error.offer } });
  return error;
}

function problem(
  title: string,
  cause: Error & { code: string; nextStep: string },
  facts: Pick<ProblemFacts, 'errors' | 'more'>,
): Problem {
  const { code: type, message: detail, nextStep } = cause;
  return new Problem({ status: 422, type, title, detail, nextStep, ...facts }, { cause });
}
