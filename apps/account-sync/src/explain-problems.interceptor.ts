import { Problem } from '@isthmus/service-kit';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { catchError, type Observable, throwError } from 'rxjs';
import { UnusableField } from './unusable-field.ts';
import { ContractsWouldBeOrphaned } from './tenant-accounts/account-links.store.ts';

/** Errors whose problem needs more than a status: which field it is about, or which contracts. */
@Injectable()
export class ExplainProblems implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError((error: unknown) => throwError(() => toProblem(error))));
  }
}

function toProblem(error: unknown): unknown {
  if (error instanceof UnusableField) {
    const { code: type, field, message: detail, nextStep } = error;
    const errors = [{ field, message: `${detail} ${nextStep}` }];
    return new Problem(
      { status: 422, type, title: 'A field cannot be used', detail, nextStep, errors },
      { cause: error },
    );
  }
  if (error instanceof ContractsWouldBeOrphaned) {
    const { code: type, message: detail, nextStep, contracts } = error;
    const title = 'Billing contracts depend on the link';
    return new Problem(
      { status: 409, type, title, detail, nextStep, more: { billingContracts: contracts } },
      { cause: error },
    );
  }
  return error;
}
