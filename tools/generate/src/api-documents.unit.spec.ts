import { readdirSync, readFileSync } from 'node:fs';

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  items?: Schema;
  [keyword: string]: unknown;
}
interface Body {
  content?: Record<string, { schema: Schema }>;
}
interface Operation {
  operationId: string;
  parameters?: { name: string; schema: Schema }[];
  requestBody?: Body;
  responses: Record<string, Body>;
}
interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const folder = new URL('../../../docs/generated/openapi/', import.meta.url);
const documents = readdirSync(folder).map((name): [string, ApiDocument] => [
  name.replace('.json', ''),
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as ApiDocument,
]);

const operations = (document: ApiDocument) =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      ...operation,
    })),
  );

/** Every schema of the document with the place where it is. */
function schemasIn(document: ApiDocument): [string, Schema][] {
  const found: [string, Schema][] = [];
  const visit = (place: string, schema: Schema): void => {
    found.push([place, schema]);
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      visit(`${place}.${name}`, property);
    if (schema.items) visit(`${place}[]`, schema.items);
    if (typeof schema.additionalProperties === 'object')
      visit(`${place}{}`, schema.additionalProperties as Schema);
    for (const word of ['allOf', 'anyOf', 'oneOf'])
      ((schema[word] ?? []) as Schema[]).forEach((one) => visit(`${place}|`, one));
  };
  for (const [name, schema] of Object.entries(document.components.schemas)) visit(name, schema);
  for (const { route, parameters = [], requestBody, responses } of operations(document)) {
    for (const { name, schema } of parameters) visit(`${route}?${name}`, schema);
    for (const body of [requestBody, ...Object.values(responses)])
      for (const [type, { schema }] of Object.entries(body?.content ?? {})) visit(`${route} ${type}`, schema);
  }
  return found;
}

describe.each(documents)('the API document of %s', (_, document) => {
  const schemas = schemasIn(document);

  it('refers to nothing that is not there', () => {
    const missing = schemas.filter(
      ([, { $ref }]) => $ref && !document.components.schemas[$ref.replace('#/components/schemas/', '')],
    );
    expect(missing).toEqual([]);
  });

  it('leaves nothing untyped: every field says what it is, every object its members, every list its items', () => {
    const words = ['$ref', 'type', 'anyOf', 'oneOf', 'allOf', 'enum', 'const'];
    const vague = schemas.filter(
      ([, schema]) =>
        !words.some((word) => word in schema) ||
        (schema.type === 'object' && !schema.properties && schema.additionalProperties === undefined) ||
        (schema.type === 'array' && Object.keys(schema.items ?? {}).length === 0),
    );
    expect(vague.map(([place]) => place)).toEqual([]);
  });

  it('says of every response that is no problem what it contains, but where there is nothing', () => {
    const bare = operations(document).filter(({ responses }) =>
      Object.entries(responses).some(([status, { content }]) => /^2(?!04)/.test(status) && !content),
    );
    expect(bare.map(({ operationId }) => operationId)).toEqual([]);
  });

  it('has a schema for each event of each stream', () => {
    for (const { responses } of operations(document)) {
      const stream = responses['200']?.content?.['text/event-stream']?.schema;
      if (stream)
        expect(stream.oneOf).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ properties: expect.objectContaining({ data: expect.anything() }) }),
          ]),
        );
    }
  });
});

it('gives each operation an id that no other service has', () => {
  const ids = documents.flatMap(([, document]) =>
    operations(document)
      // The audit log is the same route of each service.
      .filter(({ route }) => / \/v1\/(?!audit$)/.test(route))
      .map(({ operationId }) => operationId),
  );
  expect(ids.length).toBeGreaterThan(90);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

it('lists the types of problems that a service has', () => {
  const types = Object.fromEntries(
    documents.map(([service, { components }]) => [
      service,
      components.schemas.Problem?.properties?.type?.enum,
    ]),
  );
  expect(types).toMatchObject({
    'connector-config': expect.arrayContaining([
      'urn:isthmus:problem:connector.in-use',
      'urn:isthmus:problem:invalid-input',
    ]),
    'subscription-lifecycle': expect.arrayContaining(['urn:isthmus:problem:order.quote-needed']),
    // It passes on the refusals of others.
    'rest-provider': undefined,
  });
});
