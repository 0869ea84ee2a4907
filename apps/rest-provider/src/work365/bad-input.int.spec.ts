import { randomUUID } from 'node:crypto';
import {
  codeOf,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';

let provider: RunningProvider;
let client: Work365;
let customer: { id: string };
let subscription: string;
beforeAll(async () => {
  provider = await runRestProvider();
  client = provider.client();
  const account = provider.world.account(client.tenantId, client.connectorId);
  customer = { id: account.providerAccountId };
  subscription = provider.world.subscription(account).subscriptionId;
});
afterAll(() => provider?.stop());
/** Bad input changes nothing. */
afterEach(() => expect(provider.world.ordered).toEqual([]));

const nce = 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001';
const fields = (answer: { body: { errors?: { field: string }[] } }) =>
  new Set(answer.body.errors?.map(({ field }) => field));

describe('POST /subscriptions refuses', () => {
  it.each([
    ['a fraction', { quantity: 1.5 }, 'quantity'],
    ['a fraction in text', { quantity: '2.5' }, 'quantity'],
    ['no seats', { quantity: 0 }, 'quantity'],
    ['fewer than none', { quantity: -1 }, 'quantity'],
    ['no number', { quantity: 'many' }, 'quantity'],
    ['a missing quantity', { quantity: null }, 'quantity'],
    ['too many seats', { quantity: 1e9 }, 'quantity'],
    ['no part number', { partNumber: null }, 'partNumber'],
    ['a text that is no part number', { partNumber: 'CFQ7TTC0LH16' }, 'partNumber'],
    ['a part number of another kind', { partNumber: 7 }, 'partNumber'],
    ['no customer', { customer: null }, 'customer'],
    ['a list for a customer', { customer: [] }, 'customer'],
    ['a list of customers', { customer: [{ id: 'x' }] }, 'customer'],
    ['a text for a customer', { customer: 'x' }, 'customer'],
    ['a number for a customer', { customer: 7 }, 'customer'],
    ['a customer without id', { customer: { name: 'x' } }, 'customer.id'],
    ['an unknown billing cycle', { provisioningFrequency: 'Weekly' }, 'provisioningFrequency'],
    ['a number that is no billing cycle', { provisioningFrequency: 9 }, 'provisioningFrequency'],
    ['an auto-renew that is neither', { autoRenew: 'perhaps' }, 'autoRenew'],
    ['a date that is none', { startDate: 'tomorrow' }, 'startDate'],
    ['a long id', { id: 'x'.repeat(51) }, 'id'],
  ])('%s', async (_, more, field) => {
    const body = { partNumber: nce, quantity: 1, customer, ...more };
    const refused = await client.call('POST', '/subscriptions', body);
    expect([refused.status, fields(refused)]).toEqual([400, new Set([field])]);
  });

  it('a customer of nobody, a trial and a one-time purchase', async () => {
    const body = { partNumber: nce, quantity: 1, customer };
    const stranger = await client.call('POST', '/subscriptions', { ...body, customer: { id: randomUUID() } });
    expect([stranger.status, codeOf(stranger)]).toEqual([404, 'customer.not-found']);
    for (const [frequency, code] of [
      ['None', 'order.trial-not-supported'],
      [4, 'order.one-time-not-supported'],
    ])
      expect(
        codeOf(await client.call('POST', '/subscriptions', { ...body, provisioningFrequency: frequency })),
      ).toBe(code);
  });

  it.each([['"text"'], ['[]'], ['null'], ['{'], ['{"__proto__":{}}']])('%s as a body', async (body) => {
    expect((await client.call('POST', '/subscriptions', body)).status).toBe(400);
  });
});

it.each([
  ['no id', { quantity: 2 }, 'id'],
  ['a fraction', { id: 'x', quantity: 0.5 }, 'quantity'],
  ['no seats', { id: 'x', quantity: 0 }, 'quantity'],
  ['an auto-renew that is neither', { id: 'x', autoRenew: 'on' }, 'autoRenew'],
  ['a long friendly name', { id: 'x', friendlyName: 'n'.repeat(201) }, 'friendlyName'],
])('PATCH /subscriptions refuses %s', async (_, body, field) => {
  const refused = await client.call('PATCH', '/subscriptions', body);
  expect([refused.status, fields(refused)]).toEqual([400, new Set([field])]);
});

it('POST /customers names everything that CMP needs at once', async () => {
  const refused = await client.call('POST', '/customers', {
    Domain: 'not a domain',
    DefaultAddress: { Country: 'US' },
  });
  expect([refused.status, fields(refused)]).toEqual([
    400,
    new Set([
      'name',
      'domain',
      'contact.firstName',
      'contact.lastName',
      'contact.email',
      'contact.phoneNumber',
      'defaultAddress.addressLine1',
      'defaultAddress.city',
      'defaultAddress.postalOrZipCode',
      'defaultAddress.regionOrState',
    ]),
  ]);
  expect((await client.call('GET', '/customers')).body).toHaveLength(1);
});

it.each([
  ['nothing', {}, ['signedBy', 'customer', 'signedOn', 'templateId']],
  ['.NET’s "no date"', { signedOn: '0001-01-01T00:00:00' }, ['signedOn']],
  ['no template', { templateId: undefined }, ['templateId']],
  ['no customer', { customer: undefined }, ['customer']],
  ['a list of customers', { customer: [{ id: 'x' }] }, ['customer']],
  ['a list of signatures', { signedBy: [] }, ['signedBy']],
  ['a day to come', { signedOn: '2999-01-01' }, ['signedOn']],
  ['a week', { signedOn: '2026-W01-1' }, ['signedOn']],
  ['the day of a year', { signedOn: '2026-366' }, ['signedOn']],
  ['a day without hyphens', { signedOn: '20260101' }, ['signedOn']],
  ['a day that does not exist', { signedOn: '2026-02-30' }, ['signedOn']],
  ['the year 0', { signedOn: '0000-01-01' }, ['signedOn']],
  ['nobody’s signature', { signedBy: {} }, ['signedBy.firstName', 'signedBy.lastName', 'signedBy.email']],
  [
    'an address that is none',
    { signedBy: { firstName: 'J', lastName: 'D', email: 'j' } },
    ['signedBy.email'],
  ],
])('POST /agreements refuses %s', async (_, more, names) => {
  const whole = {
    customer,
    templateId: 'MicrosoftCustomerAgreement',
    signedOn: '2026-01-01',
    signedBy: { firstName: 'J', lastName: 'D', email: 'j@d.example' },
  };
  const body = Object.keys(more).length === 0 ? {} : { ...whole, ...more };
  const refused = await client.call('POST', '/agreements', body);
  expect([refused.status, fields(refused)]).toEqual([400, new Set(names)]);
  expect((await client.call('GET', `/customers/${customer.id}/agreements`)).body).toEqual([]);
});

it('refuses other odd things where they come', async () => {
  expect((await client.call('POST', '/nonrecurringitems', {})).status).toBe(400);
  expect((await client.call('GET', '/utilities/domain-check/con-toso')).status).toBe(400);
  expect((await client.call('POST', '/utilities/validate-address', [])).status).toBe(400);
  expect((await client.call('PUT', '/subscriptions', {})).status).toBe(405);
  expect((await client.call('GET', '/v1/customers')).status).toBe(404);
});

it('forgives unknown fields and dates that mean none', async () => {
  const body = { Id: subscription, StartDate: '0001-01-01T00:00:00', Quantity: '10', SomethingNew: { A: 1 } };
  expect((await client.call('PATCH', '/subscriptions', body)).body).toMatchObject({
    id: subscription,
    quantity: 10,
  });
});
