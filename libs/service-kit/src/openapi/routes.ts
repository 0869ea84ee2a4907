import { type INestApplicationContext, RequestMethod, SetMetadata, type Type } from '@nestjs/common';
import {
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  PARAMTYPES_METADATA,
  PATH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants';
import type { RouteAccess } from '../auth/access.ts';

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
 * What the API document says about a route.
 * In place of @nestjs/swagger's decorators: importing those would load the whole generator at every start.
 */
export function Describe(summary: string, more: Omit<Description, 'summary'> = {}): MethodDecorator {
  return SetMetadata(descriptionKey, { summary, ...more } satisfies Description);
}

type Class = abstract new (...args: never[]) => object;

/** A parameter with a custom decorator: what the decorator does, and what it was given. */
export interface DecoratedParameter {
  factory: unknown;
  data?: unknown;
}

/** A route as its controller declares it. */
export interface DeclaredRoute {
  /** `ConnectorsController.create` → `Connectors_create` */
  operationId: string;
  /** `ConnectorsController` → `Connectors` */
  tag: string;
  /** Lower case. */
  method: string;
  /** With Fastify's `:id` parameters. */
  path: string;
  status: number;
  body?: Class;
  query?: Class;
  /** Custom parameter decorators in use. */
  parameters: readonly DecoratedParameter[];
  access: RouteAccess;
  description?: Description;
}

interface ControllerHost {
  container: { getModules(): Map<string, { controllers: Map<unknown, { metatype: Class | null }> }> };
}

/** Reads the routes of every controller. Nest's container is asked directly: in preview mode there is no other access to it. */
export function declaredRoutes(app: INestApplicationContext): DeclaredRoute[] {
  const modules = (app as unknown as ControllerHost).container.getModules();
  const controllers = new Set(
    [...modules.values()].flatMap(({ controllers }) => [...controllers.values()].map((one) => one.metatype)),
  );
  return [...controllers].flatMap((controller) => (controller ? controllerRoutes(controller) : []));
}

function controllerRoutes(controller: Class): DeclaredRoute[] {
  const prototype = controller.prototype as Record<string, unknown>;
  const tag = controller.name.replace(/Controller$/, '');
  const prefixes = [Reflect.getMetadata(PATH_METADATA, controller) as string | string[]].flat();
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = name === 'constructor' ? undefined : prototype[name];
    const method =
      typeof handler === 'function'
        ? (Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined)
        : undefined;
    if (method === undefined || typeof handler !== 'function') return [];
    const paths = [Reflect.getMetadata(PATH_METADATA, handler) as string | string[]].flat();
    const { body, query, parameters } = handlerArguments(controller, name);
    return prefixes.flatMap((prefix) =>
      paths.map((path) => ({
        operationId: `${tag}_${name}`,
        tag,
        method: RequestMethod[method].toLowerCase(),
        path: `/${[prefix, path]
          .map((part) => part.replace(/^\/|\/$/g, ''))
          .filter(Boolean)
          .join('/')}`,
        status:
          (Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined) ??
          (method === RequestMethod.POST ? 201 : 200),
        body,
        query,
        parameters,
        access:
          (Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as RouteAccess | undefined) ?? {},
        description: Reflect.getMetadata(descriptionKey, handler) as Description | undefined,
      })),
    );
  });
}

function handlerArguments(
  controller: Class,
  name: string,
): Pick<DeclaredRoute, 'body' | 'query' | 'parameters'> {
  const declared = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<
    string,
    { index: number; data?: unknown; factory?: unknown }
  >;
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, controller.prototype as object, name) ??
    []) as Class[];
  const whole = (kind: RouteParamtypes): Class | undefined => {
    const found = Object.entries(declared).find(
      ([key, { data }]) => key.startsWith(`${kind}:`) && data === undefined,
    );
    const type = found ? types[found[1].index] : undefined;
    return type === (Object as unknown) ? undefined : type;
  };
  return {
    body: whole(RouteParamtypes.BODY),
    query: whole(RouteParamtypes.QUERY),
    parameters: Object.values(declared).flatMap(({ factory, data }) => (factory ? [{ factory, data }] : [])),
  };
}
