import { applyDecorators } from '@nestjs/common';
import { isISO8601, IsObject, isString, ValidateBy, ValidateIf } from 'class-validator';

/**
 * JSON Schema of one field, as far as its validators do not say it. `required: true`: it has to be there, although it is not
 * always checked.
 */
export type FieldSchema = Readonly<Record<string, unknown>>;

const schemaKey = 'isthmus:schema';
const nullableKey = 'isthmus:nullable';

/** What the API document says of the field in addition to, or instead of, what its validators say. It validates nothing. */
export const Schema = (schema: FieldSchema): PropertyDecorator => Reflect.metadata(schemaKey, schema);

export const schemaOf = (prototype: object, field: string): FieldSchema | undefined =>
  Reflect.getMetadata(schemaKey, prototype, field) as FieldSchema | undefined;

/**
 * The field may be `null`, but not left out; with `IsOptional` or `IfGiven` in front it may be either. In a response
 * `IsOptional` alone means that the field may be missing.
 */
export function OrNull(): PropertyDecorator {
  return applyDecorators(
    ValidateIf((_, value) => value !== null),
    Reflect.metadata(nullableKey, true) as PropertyDecorator,
  );
}

export const mayBeNull = (prototype: object, field: string): boolean =>
  Reflect.getMetadata(nullableKey, prototype, field) === true;

/** An existing date, `YYYY-MM-DD`; not a point in time, so without time and zone. */
export function IsDay(): PropertyDecorator {
  return applyDecorators(
    ValidateBy({
      name: 'isDay',
      validator: { validate: isDay, defaultMessage: () => '$property must be a date such as 2026-01-31' },
    }),
    Schema({ type: 'string', format: 'date' }),
  );
}

const isDay = (value: unknown): boolean =>
  isString(value) && /^[12]\d{3}-\d\d-\d\d$/.test(value) && isISO8601(value, { strict: true });

/** A point in time with its zone, as RFC 3339 writes it; ISO 8601 has forms that nobody else reads, such as weeks. */
export function IsInstant(): PropertyDecorator {
  return applyDecorators(
    ValidateBy({
      name: 'isInstant',
      validator: {
        validate: isInstant,
        defaultMessage: () => '$property must be a time such as 2026-01-31T10:15:00Z',
      },
    }),
    Schema({ type: 'string', format: 'date-time' }),
  );
}

const instant = /^[12]\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/;
const isInstant = (value: unknown): boolean =>
  isString(value) &&
  instant.test(value) &&
  isISO8601(value, { strict: true }) &&
  !Number.isNaN(Date.parse(value));

/** An object whose members have any names and values of one type. */
export const MapOf = (type: 'string' | 'integer'): PropertyDecorator =>
  applyDecorators(IsObject(), Schema({ type: 'object', additionalProperties: { type } }));

/** Any JSON value. */
export const AnyJson = (): PropertyDecorator =>
  Schema({ type: ['string', 'number', 'boolean', 'object', 'array', 'null'] });

/** An object that is passed on as it is. */
export const AnyObject = (): PropertyDecorator =>
  applyDecorators(IsObject(), Schema({ type: 'object', additionalProperties: true }));
