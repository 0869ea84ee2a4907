import { randomUUID } from 'node:crypto';
import { type RunningProvider, runRestProvider, type Work365 } from '../../test/rest-provider.fixture.ts';

let provider: RunningProvider;
let client: Work365;
let customerId: string;
let subscription: string;
beforeAll(async () => {
  provider = await runRestProvider();
  client = provider.client();
  const account = provider.world.account(client.tenantId, client.connectorId);
  customerId = account.providerAccountId;
  subscription = provider.world.subscription(account).subscriptionId;
});
afterAll(() => provider?.stop());

/** What may stand where something else is meant. */
const odd: readonly unknown[] = [
  null,
  '',
  ' ',
  'x',
  'x'.repeat(5_000),
  0,
  -1,
  1.5,
  1e308,
  '1e3',
  '0x10',
  '٣',
  true,
  [],
  [[]],
  ['x'],
  [null],
  {},
  { x: 1 },
  { id: {} },
  { toString: 1 },
  { constructor: { prototype: {} } },
  '\u0000',
  'a\u0007b',
  '\ud800',
  '\u202e',
  'é'.normalize('NFD'),
  "'; drop table agreements; --",
  '../../etc',
  '2026-W01-1',
  '2026-366',
  '2026-02-30',
  '2026-13-01',
  '0000-01-01',
  '-000001-01-01',
  '+275760-09-13T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:00:00+99:99',
  '20260101',
  '2026',
  '99999999999999999999',
];
const whole = {
  '/subscriptions': () => ({
    id: 'po-1',
    partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001',
    quantity: 2,
    customer: { id: customerId, name: 'x' },
    autoRenew: true,
    friendlyName: 'f',
    name: 'n',
    provisioningFrequency: 1,
    billingType: 1,
    status: 1,
    startDate: '2026-01-01',
    createdOn: null,
    pricing: { price: 1 },
  }),
  PATCH: () => ({ id: subscription, quantity: 3, autoRenew: true, friendlyName: 'f', status: 1 }),
  '/customers': () => ({
    name: 'Contoso',
    email: 'a@b.example',
    language: 'en',
    culture: 'en-US',
    domain: 'contoso',
    organizationRegistrationNumber: '1',
    defaultAddress: {
      country: 'US',
      city: 'Irvine',
      regionOrState: 'CA',
      addressLine1: '1 Road',
      addressLine2: null,
      postalOrZipCode: '92612',
    },
    contact: { firstName: 'J', lastName: 'D', phoneNumber: '+1 949 555 1234', email: 'j@d.example' },
  }),
  '/agreements': () => ({
    customer: { id: customerId },
    templateId: 't',
    name: 'n',
    signedOn: '2026-01-01',
    signedBy: { firstName: 'J', lastName: 'D', email: 'j@d.example', phoneNumber: '1' },
  }),
  '/utilities/validate-address': () => ({
    country: 'US',
    city: 'Irvine',
    regionOrState: 'CA',
    addressLine1: '1',
    postalOrZipCode: '92612',
  }),
};
type Body = Record<string, unknown>;
/** The body with each of its members, also inner ones, replaced in turn. */
function* spoilt(body: Body): Generator<[string, Body]> {
  for (const name of Object.keys(body)) {
    for (const value of odd)
      yield [`${name}=${JSON.stringify(value).slice(0, 40)}`, { ...body, [name]: value }];
    const inner = body[name];
    if (typeof inner === 'object' && inner !== null)
      for (const [what, spoiltInner] of spoilt(inner as Body))
        yield [`${name}.${what}`, { ...body, [name]: spoiltInner }];
  }
}

it.each(Object.entries(whole))(
  'answers whatever is sent to %s with a refusal or a result',
  async (path, make) => {
    const [method, target] = path === 'PATCH' ? ['PATCH', '/subscriptions'] : ['POST', path];
    const failures: unknown[] = [];
    for (const [what, body] of spoilt(make())) {
      const sent = path === '/subscriptions' && !what.startsWith('id=') ? { ...body, id: undefined } : body;
      const answer = await client.call(method, target, sent);
      if (answer.status >= 500) failures.push([what, answer.status, answer.body?.type]);
    }
    for (const text of [
      '',
      ' ',
      '[]',
      '[{}]',
      '0',
      '"x"',
      'null',
      'true',
      '{',
      '{"a":1}x',
      '[1,2',
      '['.repeat(50_000) + ']'.repeat(50_000),
      '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000),
      '{"quantity":1,"quantity":2}',
      '\ufeff{}',
      '{"constructor":{"prototype":{"x":1}}}',
      '{"":1}',
      '{"Id":"x","id":"y"}',
    ]) {
      const answer = await client.call(method, target, text);
      if (answer.status >= 500) failures.push([text.slice(0, 20), answer.status, answer.body?.type]);
    }
    expect(failures).toEqual([]);
  },
  300_000,
);

it('answers odd paths', async () => {
  const failures: unknown[] = [];
  const segments = [
    '%00',
    'x'.repeat(2000),
    '%ff',
    '%2e%2e',
    "'",
    '%20',
    '٣',
    randomUUID().toUpperCase(),
    '[]',
    'null',
    '%F0%9F%98%80',
    ':id',
    '*',
    '__proto__',
    'constructor',
  ];
  for (const s of segments)
    for (const [method, path] of [
      ['GET', `/customers/${s}`],
      ['GET', `/customers/${s}/agreements`],
      ['GET', `/customers/${s}/subscriptions`],
      ['GET', `/customers/${customerId}/subscriptions/${s}`],
      ['PATCH', `/subscriptions/${s}/activate`],
      ['PATCH', `/subscriptions/${s}/suspend`],
      ['PATCH', `/subscriptions/${s}/expire`],
      ['DELETE', `/subscriptions/${s}/cancel`],
      ['GET', `/invoices/${s}`],
      ['GET', `/invoices/${s}/licensesummary`],
      ['GET', `/invoices/${s}/billedusages`],
      ['GET', `/invoices/${s}/nonrecurringitemsummary`],
      ['GET', `/pricelists/${s}/licensebased/current`],
      ['GET', `/pricelists/US/${s}/current`],
      ['GET', `/pricelists/US/licensebased/${s}`],
      ['GET', `/utilities/domain-check/${s}`],
      ['GET', `/countries/${s}/validation-rules`],
    ] as const) {
      const answer = await client.call(method, path);
      if (answer.status >= 500) failures.push([method, path.slice(0, 80), answer.status, answer.body?.type]);
    }
  for (const body of ['[null]', '[[]]', '[1]', '{}', '[]', 'null', '[{"quantity":null}]']) {
    const answer = await client.call('POST', '/nonrecurringitems', body);
    if (answer.status >= 500) failures.push([body, answer.status]);
  }
  expect(failures).toEqual([]);
});
