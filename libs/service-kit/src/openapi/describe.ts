import { SetMetadata, type Type } from '@nestjs/common';

export interface Description {
  summary: string;
  /** Class of the answer's body; its class-validator decorators become its schema. */
  returns?: Type;
  /** Class of the body, where a parameter decorator of the service's own reads it. */
  takes?: Type;
  /** `page`: `{data, nextCursor}` of the class; `array`: a bare list. */
  list?: 'page' | 'array';
  /** Status of the good answer when it is not the method's usual one. */
  status?: number;
}

export const descriptionKey = 'isthmus:description';

/**
 * What the API document says about a route.
 * In place of @nestjs/swagger's decorators: importing those would load the whole generator at every start.
 */
export function Describe(summary: string, more: Omit<Description, 'summary'> = {}): MethodDecorator {
  return SetMetadata(descriptionKey, { summary, ...more } satisfies Description);
}
