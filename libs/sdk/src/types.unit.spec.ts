import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Answer, Input, Isthmus, Operation, Row } from './index.ts';

/** Fails to compile unless both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(held?: T): T | undefined => held;

it('types paths, queries, bodies, versions and answers by the documents', () => {
  type Orders = Operation<'get', '/v1/orders'>;
  type Order = Operation<'get', '/v1/orders/{id}'>;
  type Change = Operation<'patch', '/v1/connectors/{id}'>;
  holds<Same<Row<Orders>, Answer<Order>>>();
  holds<Same<Answer<Order>['kind'], 'create' | 'change-quantity' | 'cancel' | 'renewal-setting'>>();
  holds<Same<Answer<Order>['finishedAt'], string | null>>();
  holds<Same<Input<Order>['path'], { id: string }>>();
  holds<Same<Input<Change>['version'], number>>();
  holds<Same<Answer<Operation<'delete', '/v1/webhook-endpoints/{id}'>>, undefined>>();
  // Two kinds of success.
  holds<
    Same<
      Answer<Operation<'patch', '/v1/subscriptions/{id}'>>,
      Answer<Operation<'get', '/v1/subscriptions/{id}'>> | Answer<Order>
    >
  >();
  const misuses = (isthmus: Isthmus) => [
    () => isthmus.get('/v1/connectors'),
    () => isthmus.get('/v1/orders', { query: { status: ['planned'], limit: 10 } }),
    // @ts-expect-error -- there is no such route
    () => isthmus.get('/v1/conectors'),
    // @ts-expect-error -- the route has no such method
    () => isthmus.delete('/v1/orders/{id}', { path: { id: 'x' } }),
    // @ts-expect-error -- the path needs an id
    () => isthmus.get('/v1/orders/{id}'),
    // @ts-expect-error -- there is no such status
    () => isthmus.get('/v1/orders', { query: { status: ['plannned'] } }),
    // @ts-expect-error -- a change needs the version that it is based on
    () => isthmus.patch('/v1/connectors/{id}', { path: { id: 'x' }, body: {} }),
    // @ts-expect-error -- an order is of a kind
    () => isthmus.post('/v1/orders', { body: { seats: 5 } }),
    // @ts-expect-error -- one order is no list
    () => isthmus.all('/v1/orders/{id}', { path: { id: 'x' } }),
    // @ts-expect-error -- a list is no stream
    () => isthmus.stream('/v1/orders', {}),
  ];
  expect(misuses).toBeInstanceOf(Function);
});

it('has no `any` in what it exports', () => {
  const entries = ['index.ts', 'webhooks.ts'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const config = createRequire(import.meta.url).resolve('../tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    `${config}/..`,
  );
  const program = ts.createProgram(entries, {
    ...{ ...options, noEmit: false, composite: false, incremental: false, tsBuildInfoFile: undefined },
    ...{ declaration: true, emitDeclarationOnly: true, sourceMap: false },
  });
  const declared = new Map<string, string>();
  program.emit(undefined, (name, text) => declared.set(name, text), undefined, true);
  expect(
    [...declared.keys()].filter((name) => /dist\/(index|client|isthmus|webhooks)\.d\.ts$/.test(name)),
  ).toHaveLength(4);
  const found = [...declared].flatMap(([name, text]) =>
    anysIn(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)),
  );
  expect(found).toEqual([]);
});

function anysIn(file: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file.fileName}:${line + 1}: ${node.parent.getText().slice(0, 100)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
