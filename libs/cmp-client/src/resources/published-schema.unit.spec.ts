import { readFileSync } from 'node:fs';
import type { Row } from '../records/fields.ts';
import { readCustomer, readReseller } from './customers.ts';
import { readOrderDetail } from './orders.ts';
import { readParameterValidation } from './parameters.ts';
import { readPlan, readProduct } from './products.ts';
import { readReport } from './reports.ts';
import { readSubscriptionDetail } from './subscriptions.ts';

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  properties?: Record<string, Schema>;
}
const document = JSON.parse(
  readFileSync(new URL('../../openapi/simpleapi-1.15.json', import.meta.url), 'utf8'),
) as { components: { schemas: Record<string, Schema> } };

function fieldsOf({ $ref, allOf = [], properties = {} }: Schema): string[] {
  const parts = $ref ? [document.components.schemas[$ref.split('/').at(-1)!]!] : allOf;
  return [...Object.keys(properties), ...parts.flatMap(fieldsOf)];
}

/** The fields that a reader asks for. Each absent one is fine for it, except those without which there is no record. */
function fieldsReadBy(read: (row: Row) => unknown, least: Row): Set<string> {
  const requested = new Set<string>();
  read(new Proxy(least, { get: (row, field: string) => (requested.add(field), row[field]) }));
  return requested;
}

describe('the readers and the published schema', () => {
  it.each([
    ['Customer', readCustomer, { id: '1', name: 'x' }],
    ['SubscriptionDetailed', readSubscriptionDetail, { id: '1', customerId: '2', status: 'active' }],
    [
      'OrderDetailed',
      readOrderDetail,
      { id: '1', customerId: '2', type: 'sales', status: 'completed', creationDate: '2026-01-01T00:00:00Z' },
    ],
    ['Product', readProduct, { id: '1', mpn: 'x', vendor: 'y' }],
    ['Report', readReport, { id: '1', name: 'x' }],
    ['Reseller', readReseller, { id: '1', name: 'x' }],
    ['ServicePlan', readPlan, { id: '1', name: 'x' }],
    ['ParameterValidationResult', readParameterValidation, {}],
  ])('read only fields that %s has', (schema, read, least) => {
    const published = [...fieldsOf(document.components.schemas[schema]!), 'id'];
    expect(published).toEqual(
      expect.arrayContaining([...fieldsReadBy(read as (row: Row) => unknown, least)]),
    );
  });
});
