import {
  readCustomer,
  readOrder,
  readRecord,
  readSubscription,
  readSubscriptionDetail,
} from '@isthmus/cmp-client';
import { eventContract, decode } from '@isthmus/contracts';
import { mirrorRow, type Mirror } from '@isthmus/sync-engine';
import fc from 'fast-check';
import { accountMirror } from '../accounts/account.mirror.ts';
import { orderMirror } from './orders/order.mirror.ts';
import { subscriptionDetailMirror, subscriptionMirror } from '../subscriptions/subscription.mirror.ts';

type Row = Record<string, unknown>;

const owner = {
  tenantId: '00000000-0000-4000-8000-000000000001',
  connectorId: '00000000-0000-4000-8000-000000000002',
};
const origin = { ...owner, asOf: '2026-03-01T00:00:00Z' };

const subscription = {
  id: '1000065',
  customerId: '1000001',
  name: 'Microsoft 365 E3',
  status: 'active',
  renewalStatus: true,
  creationDate: '2026-01-31',
  renewalDate: '2027-01-31',
  lastModifiedDate: '2026-02-01',
  expirationDate: '2027-01-31',
  billingModel: 'charge_before',
  billingPeriod: { type: 'month', duration: 1 },
  subscriptionPeriod: { type: 'year', duration: 1 },
  attributes: { a: 'b' },
};
const money = { currency: 'USD', amount: '10.63' };
const detail = {
  ...subscription,
  planId: '7',
  totalPrice: money,
  products: [
    {
      mpn: 'CFQ7TTC0LH16:0001',
      vendor: 'MICROSOFT',
      id: 'PRD1',
      name: 'E3',
      quantity: 3,
      unitPrice: money,
      unitCost: money,
      vendorSubscriptionId: '00000000-0000-4000-8000-000000000009',
    },
  ],
  orderParameters: [{ name: 'microsoft_domain', value: 'a.onmicrosoft.com' }],
  fulfillmentParameters: [{ name: 'ms_customer_id', value: '00000000-0000-4000-8000-000000000009' }],
};
const order = {
  id: '5',
  orderNumber: 'SO5',
  type: 'sales',
  customerId: '1000001',
  status: 'completed',
  statusCode: 'CP',
  creationDate: '2026-01-31T10:00:00Z',
  provisioningDate: '2026-01-31T10:00:00Z',
  subscriptionId: '1000065',
  total: money,
};
const customer = {
  id: '1000001',
  name: 'Contoso',
  status: 'active',
  externalId: 'x',
  email: 'a@b.example',
  taxRegId: 'DE1',
  address: {
    streetAddress: 'a',
    addressExtension: 'b',
    postalCode: '1',
    city: 'c',
    state: 'd',
    countryCode: 'DE',
  },
  contactPersons: [{ type: 'admin', firstName: 'A', lastName: 'B', email: 'a@b.example', phoneNumber: '1' }],
};

const oddValues: unknown[] = [
  null,
  '',
  ' ',
  0,
  -1,
  -0,
  1.5,
  1e400,
  1e21,
  2 ** 53,
  2 ** 31,
  9_999,
  10_000,
  true,
  false,
  [],
  {},
  [null],
  [[]],
  [1],
  '0',
  '-0',
  '12.00000000000000000001',
  '1E400',
  '0E-8',
  '1,5',
  'NaN',
  '١٢',
  '2026-02-30',
  '0000-01-01',
  '0001-01-01',
  '9999-12-31',
  '2026-02-28T24:00:00Z',
  '2026-02-28T24:00:00',
  '2026-02-28T23:59:60Z',
  '0001-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59-14:00',
  '2026-02-28T10:00Z',
  '2026-02-28T10:00+0530',
  `2026-02-28T10:00:00.${'1'.repeat(200)}Z`,
  '2026-02-28T10:00:00+05:30',
  '2026-02-28T',
  '2026-02-28Tx',
  '\u0000',
  'a\u0000b',
  '\ud83d',
  '\ude00',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(501),
  '😀'.repeat(250),
  '😀'.repeat(300),
  'é'.repeat(100_000),
  '\u001f',
  '\u202e',
  '\ufeff',
  '__proto__',
  'constructor',
  'toString',
  'usd',
  'US$',
  'ＵＳＤ',
  'ſſſ',
  'İİİ',
  'ﬃ',
  { type: 'month', duration: 0 },
  { type: 'toString', duration: 1 },
  { type: 'year', duration: '3.0' },
  { type: 'year', duration: 1e9 },
  { type: 'day' },
  { currency: 'usd', amount: 1e21 },
  { currency: 'USD', amount: '-0' },
  { currency: 'USD', amount: '9'.repeat(30) },
  { amount: '1' },
  { currency: 'ııı', amount: '1' },
  { currency: 'eur ', amount: 5e-7 },
];
const odd = fc.oneof(fc.constantFrom(...oddValues), fc.jsonValue(), fc.string({ unit: 'binary' }));

/** Every place in a record, those that hold others too. */
function paths(value: unknown, at: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...at]];
  const inner = Object.entries(value).flatMap(([key, one]) => paths(one, [...at, key]));
  return at.length ? [[...at], ...inner] : inner;
}

function spoilt(record: object, changes: readonly (readonly [readonly string[], unknown])[]): object {
  const copy: unknown = structuredClone(record);
  for (const [path, value] of changes) {
    const holder = path
      .slice(0, -1)
      .reduce<unknown>((at, step) => (isHolder(at) ? at[step] : undefined), copy);
    if (isHolder(holder)) holder[path.at(-1)!] = value;
  }
  return copy as object;
}

const isHolder = (value: unknown): value is Row => typeof value === 'object' && value !== null;

const cases: [string, object, (row: Row) => { id: string }, Mirror<never>][] = [
  ['a customer', customer, readCustomer, accountMirror as Mirror<never>],
  ['a subscription', subscription, readSubscription, subscriptionMirror as Mirror<never>],
  ['a detail', detail, readSubscriptionDetail, subscriptionDetailMirror as Mirror<never>],
  ['an order', order, readOrder, orderMirror(true) as Mirror<never>],
];

const told = ['appeared', 'changed', 'ended'] as const;

function check(read: (row: Row) => { id: string }, mirror: Mirror<never>, raw: object): void {
  const record = readRecord(read, JSON.parse(JSON.stringify(raw)));
  if (!record.ok) return;
  const value = record.value as never;
  const row = mirrorRow(mirror, owner, value);
  for (const [at, { name, type }] of mirror.columns.entries()) {
    const stored = row.values[at] ?? '';
    if (!stored.isWellFormed() || stored.includes('\u0000'))
      throw new Error(`${name} is no text of PostgreSQL`);
    if (type === 'integer' && !(Number.isInteger(Number(stored)) && Math.abs(Number(stored)) < 2 ** 31))
      throw new Error(`${name} is no integer: ${stored}`);
    if (type === 'json' && stored.includes('\\u0000')) throw new Error(`${name} is no JSON of PostgreSQL`);
  }
  for (const kind of told) {
    const changes = [{ field: 'name', from: 'a', to: 'b' }];
    const change = { kind, id: row.id, version: 1, value, changed: ['name'], changes, stored: {} };
    const { type, data } = mirror.event(change, origin);
    decode(eventContract(type)!.type, JSON.parse(JSON.stringify(data)));
  }
}

describe.each(cases)('whatever CMP writes in %s', (_, sound, read, mirror) => {
  it('either cannot be read, or is stored and announced as the contract says', () => {
    const problems = new Set<string>();
    for (const path of paths(sound))
      for (const value of oddValues)
        try {
          check(read, mirror, spoilt(sound, [[path, value]]));
        } catch (error) {
          problems.add(
            `${path.join('.')} = ${JSON.stringify(value).slice(0, 60)}: ${(error as Error).message}`,
          );
        }
    expect([...problems]).toEqual([]);
  });

  it('does so in several places at once', () => {
    const change = fc.tuple(fc.constantFrom(...paths(sound)), odd);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) =>
        check(read, mirror, spoilt(sound, changes)),
      ),
      { numRuns: 300 },
    );
  });
});
