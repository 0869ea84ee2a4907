/// <reference path="./class-transformer-storage.d.ts" />
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { mayBeNull, schemaOf } from './fields.ts';

export type Model = new () => object;

interface Property extends Record<string, unknown> {
  type?: string | string[];
  $ref?: string;
}

export interface ModelSchema extends Record<string, unknown> {
  properties?: Record<string, Property>;
  required?: string[];
}

/** Classes whose properties @nestjs/swagger knows already, by all documents of this process. */
const described = new WeakSet<Model>();

/**
 * The classes of a service's API by name. Their class-validator decorators are passed on as `@ApiProperty`, so that a class
 * serves as type, check and schema, without a second description.
 */
export class Models {
  readonly #byName = new Map<string, Model>();
  /** Models that the document must contain although no body uses them directly. */
  readonly referredTo = new Set<Model>();

  /** Adds a class that is referred to by name, and the classes of its properties. */
  add(type: Model): void {
    this.referredTo.add(type);
    this.describe(type);
  }

  /** Like `add`, for a class that is a body, or whose properties are the parameters of a query. */
  describe(type: Model): void {
    const known = this.#byName.get(type.name);
    if (known && known !== type) {
      throw new Error(
        `Two classes of the API are called ${type.name}; the document cannot distinguish them. Rename one.`,
      );
    }
    if (known) return;
    this.#byName.set(type.name, type);
    const { properties = {}, required = [] } = targetConstructorToSchema(type, {
      classTransformerMetadataStorage: defaultMetadataStorage,
      classValidatorMetadataStorage: getMetadataStorage(),
      refPointerPrefix: '#/components/schemas/',
      additionalConverters: { isIso8601: () => ({ type: 'string', format: 'date-time' }) },
    }) as ModelSchema;
    const values = new type() as Record<string, unknown>;
    for (const [name, property] of Object.entries(properties)) {
      const nested: unknown = defaultMetadataStorage.findTypeMetadata(type as never, name)?.typeFunction?.();
      if (isModel(nested)) this.add(nested);
      if (described.has(type)) continue;
      const { $ref, type: jsonType = 'object', ...rest } = property;
      const { required: needed, ...own } = schemaOf(type.prototype as object, name) ?? {};
      const options = {
        ...rest,
        ...own,
        // Always given: without it swagger would take the type that TypeScript emits, which for a union is none.
        type: $ref && isModel(nested) ? nested : typeof own.type === 'string' ? own.type : jsonType,
        default: values[name],
        required:
          (needed === true || required.includes(name) || isOnlyNullable(type, name)) &&
          values[name] === undefined,
      };
      ApiProperty(options as ApiPropertyOptions)(type.prototype as object, name);
    }
    described.add(type);
  }

  /**
   * Completes what swagger made of a class: its types cannot say `null`.
   * @param sent whether it is, or is part of, a body: there `IsOptional` lets null pass too
   */
  complete(name: string, schema: ModelSchema, sent: boolean): void {
    const type = this.#byName.get(name);
    if (!type) return;
    for (const [field, property] of Object.entries(schema.properties ?? {})) {
      const { required: _, ...own } = schemaOf(type.prototype as object, field) ?? {};
      const full: Property = { ...property, ...own };
      const nullable = mayBeNull(type.prototype as object, field) || (sent && isOptional(type, field));
      schema.properties![field] = nullable ? orNull(full) : full;
    }
  }
}

const conditionsOf = (type: Model, field: string) =>
  getMetadataStorage()
    .getTargetValidationMetadatas(type, '', true, false)
    .filter((one) => one.propertyName === field && one.type === ValidationTypes.CONDITIONAL_VALIDATION);

const isOptional = (type: Model, field: string): boolean =>
  conditionsOf(type, field).some(({ name }) => name === 'isOptional');

/** It has to be there; `OrNull` is its only condition. */
const isOnlyNullable = (type: Model, field: string): boolean =>
  mayBeNull(type.prototype as object, field) && conditionsOf(type, field).length === 1;

function orNull(schema: Property): Property {
  const { description, default: given, ...rest } = schema;
  const about = {
    ...(description === undefined ? {} : { description }),
    ...(given === undefined ? {} : { default: given }),
  };
  if (typeof rest.type !== 'string') return { ...about, anyOf: [rest, { type: 'null' }] };
  const { type, ...others } = rest;
  const members = Array.isArray(rest.enum) ? { enum: [...(rest.enum as unknown[]), null] } : {};
  return { ...about, type: [type, 'null'], ...others, ...members };
}

/** Whether class-validator has metadata for it. */
export const isModel = (type: unknown): type is Model =>
  typeof type === 'function' &&
  getMetadataStorage().getTargetValidationMetadatas(type, '', false, false).length > 0;
