import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';

const builtIn = new Set([String, Number, Boolean, Date, Object, Array]);

/** JSON schemas of contract classes, out of the decorators that check them. */
export class PayloadSchemas {
  components = {};

  /** A reference to the class's schema, which is made on first use together with those it refers to. */
  ref(type) {
    if (!(type.name in this.components)) {
      this.components[type.name] = {};
      this.components[type.name] = this.#schemaOf(type);
    }
    return { $ref: `#/components/schemas/${type.name}` };
  }

  #schemaOf(type) {
    const schema = targetConstructorToSchema(type, {
      classTransformerMetadataStorage: defaultMetadataStorage,
      classValidatorMetadataStorage: getMetadataStorage(),
      refPointerPrefix: '#/components/schemas/',
      additionalConverters: {
        isCounts: () => ({ type: 'object', additionalProperties: { type: 'number' } }),
      },
    });
    const properties = schema.properties ?? {};
    for (const property of Object.keys(properties)) {
      const nested = defaultMetadataStorage.findTypeMetadata(type, property)?.typeFunction?.();
      if (nested && !builtIn.has(nested)) this.ref(nested);
    }
    for (const property of nullable(type)) {
      properties[property].type = [properties[property].type, 'null'];
      schema.required = [...(schema.required ?? []), property].toSorted();
    }
    return schema;
  }
}

/** `ValidateIf` stands for "may be null, but must be present"; the schema library treats it like `IsOptional`. */
function nullable(type) {
  return getMetadataStorage()
    .getTargetValidationMetadatas(type, '', false, false)
    .filter((metadata) => metadata.type === 'conditionalValidation' && metadata.name !== 'isOptional')
    .map((metadata) => metadata.propertyName);
}
