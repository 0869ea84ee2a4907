import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
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

/**
 * Reads a body of a protocol that is not ours: fields the class does not name are left out instead of refused.
 * @throws Problem 400 with the list of bad fields
 */
export function readForeignBody<T extends object>(type: new () => T, body: unknown): T {
  const read = plainToInstance(type, body, { exposeDefaultValues: true });
  const rules = { whitelist: true, validationError: { target: false, value: false } };
  const errors = validateSync(read, rules);
  if (errors.length > 0) throw invalidInput(errors.flatMap((error) => fieldErrors(error, '')));
  return read;
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
