import { conformsStrictly } from '@isthmus/contracts';
import {
  applyDecorators,
  type ArgumentMetadata,
  createParamDecorator,
  type ExecutionContext,
  type ValidationError,
  ValidationPipe,
} from '@nestjs/common';
import { plainToInstance, Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  getMetadataStorage,
  IsArray,
  IsBoolean,
  isUUID,
  ValidateIf,
  validateSync,
  ValidationTypes,
} from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { describedParameter } from '../openapi/describe.ts';
import { type FieldError, Problem } from './problem.ts';

const transformOptions = { exposeDefaultValues: true };

/** Validates bodies and queries by their class-validator class; unknown fields are rejected. */
export function validationPipe(): ValidationPipe {
  return new ObjectsPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transformOptions,
    validationError: { target: false },
    exceptionFactory: (errors) => invalidInput(fieldErrors(errors)),
  });
}

/** class-validator treats a list as an object and checks its members; here a list is accepted only where one is declared. */
class ObjectsPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const { metatype } = metadata;
    const named = metatype !== undefined && !(builtIn as readonly unknown[]).includes(metatype);
    if (named && Array.isArray(value))
      throw invalidInput([{ field: '', message: 'the body must be an object, not a list' }]);
    if (named && metadata.type !== 'custom' && typeof value === 'object' && value !== null) {
      // class-validator looks up its rules for every object; it is asked only for the faults of one that has any.
      // As Nest does: class-transformer takes the type of an object from its member "constructor".
      this.stripProtoKeys(value as Record<string, unknown>);
      const instance: unknown = plainToInstance(metatype, value, transformOptions);
      if (instance instanceof metatype && conformsStrictly(instance)) return instance;
    }
    const read: unknown = await super.transform(value, metadata);
    const misplaced = named ? misplacedLists(read) : [];
    if (misplaced.length > 0) throw invalidInput(misplaced);
    return read;
  }
}

const builtIn = [String, Number, Boolean, Array, Object, Buffer] as const;

/** Lists where the class declares one nested object, alone or as the item of a list. */
function misplacedLists(value: unknown, parent = ''): FieldError[] {
  if (typeof value !== 'object' || value === null) return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(value.constructor, '', false, false);
  const nested = rules.filter(({ type }) => type === ValidationTypes.NESTED_VALIDATION);
  const lists = new Set(
    rules.filter(({ name, each }) => name === 'isArray' || each).map(({ propertyName }) => propertyName),
  );
  return nested.flatMap(({ propertyName }) => {
    const member = (value as Record<string, unknown>)[propertyName];
    const field = parent ? `${parent}.${propertyName}` : propertyName;
    if (Array.isArray(member) && !lists.has(propertyName))
      return [{ field, message: `${propertyName} must be an object, not a list` }];
    if (!Array.isArray(member)) return misplacedLists(member, field);
    return member.flatMap((item: unknown, index) =>
      Array.isArray(item)
        ? [{ field: `${field}[${index}]`, message: `${field}[${index}] must be an object, not a list` }]
        : misplacedLists(item, `${field}[${index}]`),
    );
  });
}

/**
 * Reads a body of a third-party protocol: unknown fields are left out instead of rejected.
 * @throws Problem 400 with the list of invalid fields
 */
export function readExternalBody<T extends object>(type: new () => T, body: unknown): T {
  const read = plainToInstance(type, body, { exposeDefaultValues: true });
  const rules = { whitelist: true, validationError: { target: false } };
  const errors = validateSync(read, rules);
  const wrong = [...fieldErrors(errors), ...misplacedLists(read)];
  if (wrong.length > 0) throw invalidInput(wrong);
  return read;
}

/** 400 with the list of bad fields; one without a name is the body as a whole. */
export function invalidInput(errors: readonly FieldError[]): Problem {
  const named = errors.filter(({ field }) => field !== '');
  return new Problem({
    status: 400,
    type: 'invalid-input',
    title: 'The input is not valid',
    detail:
      named.length > 0
        ? `${named.length} field(s) are not valid: ${named
            .slice(0, 5)
            .map(({ field }) => field)
            .join(', ')}.`
        : `The body is not valid: ${errors.map(({ message }) => message).join('; ')}.`,
    nextStep: `Correct ${named.length > 0 ? 'the fields listed in errors' : 'the body'} and send the request again.`,
    errors,
  });
}

/** Each field once, with all its problems; for a missing field only that. Never with its value. */
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

const uuidInPath = createParamDecorator((field: string, context: ExecutionContext): string => {
  const value = (context.switchToHttp().getRequest<FastifyRequest>().params as Record<string, unknown>)[
    field
  ];
  if (!isUUID(value)) throw invalidInput([{ field, message: `${field} must be a UUID` }]);
  return String(value).toLowerCase();
});

/** Parameter decorator: a UUID out of the path, in lower case; 400 when it is none. */
export const UuidParam = (name = 'id'): ParameterDecorator =>
  describedParameter(uuidInPath(name), {
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  });

/** The field may be left out. Unlike `IsOptional` it does not let `null` pass, which would reach a column that has none. */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

const words: Record<string, boolean> = { true: true, false: false };

/** A filter that may be given several times, `?status=planned&status=sending`, and then finds any of them. */
export function QueryList(): PropertyDecorator {
  return applyDecorators(
    IfGiven(),
    Transform(({ value }: { value: unknown }) =>
      value === undefined || Array.isArray(value) ? value : [value],
    ),
    IsArray(),
    ArrayMaxSize(50),
  );
}

/** A yes or no in a query: `true` or `false`, nothing else. */
export function QueryFlag(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => (typeof value === 'string' ? (words[value] ?? value) : (value as unknown))),
    IsBoolean(),
  );
}
