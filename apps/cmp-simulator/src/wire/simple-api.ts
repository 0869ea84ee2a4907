import type { components } from '@isthmus/cmp-client';

/** A schema of SimpleAPI 1.15 by its own name, generated from the published OpenAPI document. */
export type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];

/**
 * A name and a value. The published schema types `value` as an object, but every observed answer carries a string,
 * and `structured_value` an object.
 */
export interface Parameter {
  name: string;
  value?: unknown;
  structured_value?: unknown;
}
