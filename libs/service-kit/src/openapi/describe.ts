import { SetMetadata, type Type } from '@nestjs/common';
import type { ApiParamOptions } from '@nestjs/swagger';

export interface Description {
  summary: string;
  /** Class of the response body; its class-validator decorators become its schema. */
  returns?: Type;
  /** Class of the body, where a parameter decorator of the service's own reads it. */
  takes?: Type;
  /** `page`: `{data, nextCursor}` of the class; `array`: a bare list. */
  list?: 'page' | 'array';
  /** Status of a successful response when it is not the method's usual one. */
  status?: number;
}

const descriptionKey = 'isthmus:description';

/**
 * The description of a route in the API document. Replaces the decorators of @nestjs/swagger, whose import would cost every start
 * a quarter of a second; `build-document.ts` passes it on to them.
 */
export function Describe(summary: string, more: Omit<Description, 'summary'> = {}): MethodDecorator {
  return SetMetadata(descriptionKey, { summary, ...more } satisfies Description);
}

export const descriptionOf = (handler: object): Description | undefined =>
  Reflect.getMetadata(descriptionKey, handler) as Description | undefined;

/** The effect of one of our parameter decorators on the document: a parameter of the request, and the related problems. */
export interface ParameterDescription extends Pick<ApiParamOptions, 'name' | 'description'> {
  in: 'path' | 'header';
  required: boolean;
  schema: { type: 'string'; format?: string; minLength?: number; maxLength?: number };
  problems?: { [status: number]: string };
}

const parametersKey = 'isthmus:parameters';

/** The parameter decorator, remembered with its description for the document. */
export function describedParameter(
  decorator: ParameterDecorator,
  description: ParameterDescription,
): ParameterDecorator {
  return (target, key, index) => {
    decorator(target, key, index);
    const handler = (target as Record<string | symbol, object>)[key!]!;
    Reflect.defineMetadata(parametersKey, [...parametersOf(handler), description], handler);
  };
}

export const parametersOf = (handler: object): readonly ParameterDescription[] =>
  (Reflect.getMetadata(parametersKey, handler) as ParameterDescription[] | undefined) ?? [];
