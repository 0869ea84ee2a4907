import { applyDecorators } from '@nestjs/common';
import { JSONSchema } from 'class-validator-jsonschema';

/** Tells the API document that null is a value of the field as well. It checks nothing. */
export function OrNull(): PropertyDecorator {
  return applyDecorators(JSONSchema((schema) => ({ anyOf: [schema, { type: 'null' }] }) as never));
}
