import { applyDecorators, SetMetadata, type Type } from '@nestjs/common';
import type { ApiParamOptions } from '@nestjs/swagger';
import { AsFile } from '../auth/access.ts';

export interface Description {
  summary: string;
  /** Class of the response body; its class-validator decorators become its schema. Or a bare value's type. */
  returns?: Type | 'boolean';
  /** Class of the body, where a parameter decorator of the service's own reads it. */
  takes?: Type;
  /** Classes of the data of its server-sent events, by the events' names. */
  events?: Readonly<Record<string, Type>>;
  /** `page`: `{data, nextCursor}` of the class, or all rows as a file (CSV); `array`: a bare list. */
  list?: 'page' | 'array';
  /** Classes of other responses that are no problems either, by their status. */
  also?: Readonly<Record<number, Type>>;
  /** Status of a successful response when it is not the method's usual one. */
  status?: number;
}

const descriptionKey = 'isthmus:description';

/**
 * The description of a route in the API document. Replaces the decorators of @nestjs/swagger, whose import would cost every start
 * a quarter of a second; `build-document.ts` passes it on to them.
 */
export function Describe(summary: string, more: Omit<Description, 'summary'> = {}): MethodDecorator {
  const described = SetMetadata(descriptionKey, { summary, ...more } satisfies Description);
  return more.list === 'page' ? applyDecorators(described, AsFile()) : described;
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
