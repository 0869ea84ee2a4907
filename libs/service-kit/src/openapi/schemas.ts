/// <reference path="./class-transformer-storage.d.ts" />
import { getMetadataStorage } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import type { SchemaObject } from './document-types.ts';

type NamedClass = abstract new (...args: never[]) => object;

const builtIn = new Set<unknown>([String, Number, Boolean, Date, Object, Array, Buffer]);

/** JSON schemas of DTO classes, out of the decorators that validate them; one component per class name. */
export class Schemas {
  readonly components: Record<string, SchemaObject> = {};
  readonly #classes = new Map<string, NamedClass>();

  /** `$ref` to the class's component, made on first use together with those it refers to; `closed` for input, whose unknown fields are refused. */
  ref(type: NamedClass, closed = false): SchemaObject {
    const known = this.#classes.get(type.name);
    if (known && known !== type) {
      throw new Error(
        `Two classes of the API are called ${type.name}; the document cannot tell them apart. Rename one.`,
      );
    }
    if (!known) {
      this.#classes.set(type.name, type);
      this.components[type.name] = this.inline(type, closed);
    }
    if (closed) Object.assign(this.components[type.name] ?? {}, { additionalProperties: false });
    return { $ref: `#/components/schemas/${type.name}` };
  }

  /** The class's schema itself; nested classes are references. */
  inline(type: NamedClass, closed = false): SchemaObject {
    const schema = targetConstructorToSchema(type, {
      classTransformerMetadataStorage: defaultMetadataStorage,
      classValidatorMetadataStorage: getMetadataStorage(),
      refPointerPrefix: '#/components/schemas/',
      additionalConverters: { isIso8601: () => ({ type: 'string', format: 'date-time' }) },
    }) as SchemaObject;
    for (const property of Object.keys((schema.properties as object | undefined) ?? {})) {
      const nested: unknown = defaultMetadataStorage
        .findTypeMetadata(type as never, property)
        ?.typeFunction?.();
      if (typeof nested === 'function' && !builtIn.has(nested)) this.ref(nested as NamedClass, closed);
    }
    return schema;
  }
}
