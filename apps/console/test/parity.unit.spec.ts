import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations } from '@isthmus/sdk';

const root = join(import.meta.dirname, '../src');
const source = globSync('**/*.{ts,tsx}', { cwd: root })
  .filter((file) => !file.includes('.spec.'))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

const quoted = (text: string) => `'${text.replaceAll(/[{}]/g, '\\$&')}'`;

/** Whether a page calls it: by a command or query that names the method and the path, or, of an SSE stream, by following the thing. */
function hasPlace(operation: string): boolean {
  const [method, path] = operation.split(' ') as [string, string];
  const followed = /^(\/v1\/[^/]+)\/\{id\}\/progress$/.exec(path)?.[1];
  if (followed) return new RegExp(`useFollowed\\([^)]*${quoted(followed)}`).test(source);
  if (method === 'GET')
    return new RegExp(`\\b(useOne|useList|read|csv)\\(\\s*${quoted(path)}|fetch\\(['\`]${path}['?]`).test(
      source,
    );
  const command = method.toLowerCase();
  return new RegExp(
    `${quoted(command)},\\s*${quoted(path)}|\\.${command}\\(\\s*${quoted(path)}|${quoted(operation)}`,
  ).test(source);
}

/** Operations without a place in the console, and why. */
const without: Readonly<Record<string, string>> = {
  'DELETE /v1/connectors/{id}/partner-attestation': 'not yet: attested through the API',
  'DELETE /v1/tenant-accounts/{id}':
    'not yet: accounts of Work 365 are imported and linked here, and removed through the API',
  'GET /v1/connectors/{id}/history': 'part of the timeline',
  'GET /v1/connectors/{id}/partner-attestation': 'not yet: attested through the API',
  'GET /v1/events/stream': 'for programs; a page asks again every few seconds',
  'GET /v1/mappings/import/{id}': 'a page shows the import that it has just made',
  'GET /v1/parked-messages/{id}': 'the list says all there is',
  'GET /v1/part-numbers/aliases': 'not yet: set through the API',
  'GET /v1/part-numbers/{partNumber}/mapping': 'the list says what each is mapped to',
  'GET /v1/part-numbers/{partNumber}/subscriptions':
    'their number is shown; the subscriptions are listed on their own page',
  'GET /v1/products/{id}/subscriptions': 'the subscriptions are listed on their own page',
  'GET /v1/quotes/{id}': 'a page shows the quote that it has just asked for',
  'GET /v1/rated-reports/{id}': 'the list says all there is',
  'GET /v1/report-formats/{connectorId}': 'not yet: set through the API',
  'POST /v1/part-numbers/aliases': 'not yet: set through the API',
  'POST /v1/part-numbers/aliases/preview': 'not yet: set through the API',
  'POST /v1/part-numbers/{partNumber}/mapping/preview': 'the suggestions say what each would place and move',
  'POST /v1/provider-accounts': 'not yet: customers are created through the API, or by Work 365',
  'PUT /v1/connectors/{id}/partner-attestation': 'not yet: attested through the API',
  'PUT /v1/report-formats/{connectorId}': 'not yet: set through the API',
};

it('every operation has a place in the console, or a line that says why not', () => {
  const missing = Object.keys(operations).filter((operation) => !hasPlace(operation));
  expect(missing.toSorted()).toEqual(Object.keys(without).toSorted());
});
