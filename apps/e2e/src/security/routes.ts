import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../../../docs/generated/openapi/', import.meta.url);

/** Every service that has an API document: one that is added takes part in everything that is tried here. */
export const services: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))
  .sort();

export type Role = 'viewer' | 'finance' | 'operator' | 'admin' | 'api-key' | 'open';

/** The part of JSON Schema that our documents use. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  minLength?: number;
  minItems?: number;
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema?: Schema;
}

interface Operation {
  'x-isthmus-role': Role;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

/** A route as the generated API document of its service describes it. */
export interface Route {
  service: string;
  method: string;
  path: string;
  role: Role;
  parameters: Parameter[];
  /** The schema of its JSON body, with every reference resolved one level at a time by `resolve`. */
  body?: Schema;
  /** What else it takes as a body. */
  contentType?: string;
  /** Whether it takes a table as a body. */
  takesCsv: boolean;
  /** The status of its success. */
  succeeds: number;
  /** Its response may never end. */
  streams: boolean;
  resolve: (schema: Schema) => Schema;
}

/** Every route of a service, those that change things last and those that remove them at the very end. */
export function routesOf(service: string): Route[] {
  const document = JSON.parse(readFileSync(fileURLToPath(new URL(`${service}.json`, folder)), 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Schema> };
  };
  const resolve = (schema: Schema): Schema => {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : resolve(document.components.schemas[name] ?? {});
  };
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Route => {
      const content = operation.requestBody?.content ?? {};
      const [contentType] = Object.keys(content);
      return {
        service,
        method: method.toUpperCase(),
        path,
        role: operation['x-isthmus-role'],
        parameters: operation.parameters ?? [],
        body: content['application/json']?.schema,
        contentType,
        takesCsv: content['text/csv'] !== undefined,
        succeeds: Math.min(...Object.keys(operation.responses).map(Number).filter(Boolean)),
        streams: operation.responses['200']?.content?.['text/event-stream'] !== undefined,
        resolve,
      };
    }),
  );
  const order = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  return routes.sort((one, other) => order.indexOf(one.method) - order.indexOf(other.method));
}

export const named = ({ service, method, path }: Pick<Route, 'service' | 'method' | 'path'>): string =>
  `${service} ${method} ${path}`;

/** The path with these values in place of its parameters; a new UUID for one that has none. */
export const pathOf = ({ path }: Route, values: Record<string, string> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? randomUUID()));

/** Headers that the route asks for, with values that could be right. */
export function headersOf({ parameters }: Route): Record<string, string> {
  const values: Record<string, string> = { 'if-match': '"1"', 'idempotency-key': randomUUID() };
  return Object.fromEntries(
    parameters
      .filter((parameter) => parameter.in === 'header' && values[parameter.name.toLowerCase()])
      .map(({ name }) => [name.toLowerCase(), values[name.toLowerCase()]!]),
  );
}

const formats: Record<string, () => string> = {
  uuid: () => randomUUID(),
  'date-time': () => new Date(Date.now() + 86_400_000).toISOString(),
  date: () => new Date().toISOString().slice(0, 10),
  uri: () => 'https://127.0.0.1:9/',
  email: () => 'ann@contoso.example',
};

/** A value that the schema lets pass, as far as it says; with every property that it names. */
export function sample(schema: Schema, resolve: Route['resolve'], depth = 0): unknown {
  const { type, enum: values, format, items, properties, minItems, minimum, ...more } = resolve(schema);
  const [first] = more.oneOf ?? more.anyOf ?? more.allOf ?? [];
  if (values) return values[0];
  if (first) return sample(first, resolve, depth);
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      if (depth > 4) return {};
      return Object.fromEntries(
        Object.entries(properties ?? {}).map(([name, member]) => [name, sample(member, resolve, depth + 1)]),
      );
    case 'array':
      return items ? Array.from({ length: minItems ?? 1 }, () => sample(items, resolve, depth + 1)) : [];
    case 'integer':
    case 'number':
      return Math.max(minimum ?? 1, 1);
    case 'boolean':
      return true;
    default:
      return formats[format ?? '']?.() ?? 'x'.repeat(Math.max(more.minLength ?? 1, 1));
  }
}
