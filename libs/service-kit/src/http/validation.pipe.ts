import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { Problem, type FieldError } from './problem.ts';

/** Checks bodies and queries by their class-validator class; unknown fields are refused. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transformOptions: { exposeDefaultValues: true },
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => invalidInput(errors.flatMap((error) => fieldErrors(error, ''))),
  });
}

/** 400 with the list of bad fields. */
export function invalidInput(errors: readonly FieldError[]): Problem {
  return new Problem({
    status: 400,
    type: 'invalid-input',
    title: 'The input is not valid',
    detail: `${errors.length} field(s) are not valid: ${errors
      .slice(0, 5)
      .map(({ field }) => field)
      .join(', ')}.`,
    nextStep: 'Correct the fields listed in errors and send the request again.',
    errors,
  });
}

function fieldErrors({ property, constraints, children }: ValidationError, parent: string): FieldError[] {
  const field = /^\d+$/.test(property)
    ? `${parent}[${property}]`
    : parent
      ? `${parent}.${property}`
      : property;
  const own = Object.values(constraints ?? {}).map((message) => ({ field, message }));
  return [...own, ...(children ?? []).flatMap((child) => fieldErrors(child, field))];
}
