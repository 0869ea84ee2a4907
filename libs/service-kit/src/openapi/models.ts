import { transformerMetadata } from '@isthmus/contracts';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { getMetadataStorage } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';

export type Model = new () => object;

interface Property extends Record<string, unknown> {
  type?: string;
  $ref?: string;
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
      classTransformerMetadataStorage: transformerMetadata,
      classValidatorMetadataStorage: getMetadataStorage(),
      refPointerPrefix: '#/components/schemas/',
      additionalConverters: { isIso8601: () => ({ type: 'string', format: 'date-time' }) },
    }) as { properties?: Record<string, Property>; required?: string[] };
    const values = new type() as Record<string, unknown>;
    for (const [name, property] of Object.entries(properties)) {
      const nested: unknown = transformerMetadata.findTypeMetadata(type as never, name)?.typeFunction?.();
      if (isModel(nested)) this.add(nested);
      if (described.has(type)) continue;
      const { $ref, type: jsonType = 'object', ...rest } = property;
      const options = {
        ...rest,
        // Always given: without it swagger would take the type that TypeScript emits, which for a union is none.
        type: $ref && isModel(nested) ? nested : jsonType,
        default: values[name],
        required: required.includes(name) && values[name] === undefined,
      };
      ApiProperty(options as ApiPropertyOptions)(type.prototype as object, name);
    }
    described.add(type);
  }
}

/** Whether class-validator has metadata for it. */
export const isModel = (type: unknown): type is Model =>
  typeof type === 'function' &&
  getMetadataStorage().getTargetValidationMetadatas(type, '', false, false).length > 0;
