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
    validationError: { target: false },
    exceptionFactory: (errors) => invalidInput(fieldErrors(errors)),
  });
}

/**
 * Reads a body of a protocol that is not ours: fields the class does not name are left out instead of refused.
 * @throws Problem 400 with the list of bad fields
 */
export function readForeignBody<T extends object>(type: new () => T, body: unknown): T {
  const read = plainToInstance(type, body, { exposeDefaultValues: true });
  const rules = { whitelist: true, validationError: { target: false } };
  const errors = validateSync(read, rules);
  if (errors.length > 0) throw invalidInput(fieldErrors(errors));
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

/** Each field once, with everything that is wrong with it; of one that is missing, only that. Never with its value. */
function fieldErrors(errors: readonly ValidationError[]): FieldError[] {
  const messages = new Map<string, Set<string>>();
  const collect = ({ property, value, constraints, children }: ValidationError, parent: string): void => {
    const field = /^\d+$/.test(property)
      ? `${parent}[${property}]`
      : parent
        ? `${parent}.${property}`
        : property;
    const own = Object.values(constraints ?? {});
    if (own.length > 0) {
      const found = messages.get(field) ?? new Set();
      messages.set(field, found);
      for (const message of value === undefined ? [`${property} is required`] : own) found.add(message);
    }
    for (const child of children ?? []) collect(child, field);
  };
  for (const error of errors) collect(error, '');
  return [...messages].map(([field, found]) => ({ field, message: [...found].join('; ') }));
}
