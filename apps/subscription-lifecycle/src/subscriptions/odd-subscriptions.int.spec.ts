import { requestsTo } from '@isthmus/testing';
import { randomUUID } from 'node:crypto';
import { ListSubscriptions, type ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import { daysAgo } from '../../test/mirror.fixture.ts';
import { premium, runQuoting } from '../../test/neighbours.fixture.ts';

let quoting: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  quoting = await runQuoting();
});
afterAll(() => quoting.stop());

const line = (more: object = {}) => ({
  mpn: premium,
  vendor: 'MICROSOFT',
  productId: 'P1',
  name: 'Premium',
  quantity: 10,
  unitPrice: { amount: '22.00', currency: 'USD' },
  ...more,
});

/** What a sound consumer must be able to take of a subscription: all that its contract allows. */
const oddities: [string, Partial<ProviderSubscriptionChangedV1>][] = [
  ...['0001-01-01', '0099-12-31', '1969-12-31', '9999-12-31'].flatMap((day): typeof oddities => [
    [`created on ${day}`, { creationDate: day }],
    [`renewing on ${day}`, { renewalDate: day }],
    [`expiring on ${day}`, { expirationDate: day }],
    [
      `created, renewing and expiring on ${day}`,
      { creationDate: day, renewalDate: day, expirationDate: day },
    ],
  ]),
  ['without days', { creationDate: undefined, renewalDate: undefined, expirationDate: undefined }],
  ...[
    { type: 'year', duration: 9_999 },
    { type: 'month', duration: 9_999 },
    { type: 'day', duration: 1 },
    { type: 'statement_day', duration: 31 },
    { type: 'unknown', duration: 0 },
    { type: 'toString', duration: 1 },
  ].map((period): (typeof oddities)[number] => [
    `in periods of ${period.duration} ${period.type}`,
    { billingPeriod: period, term: period },
  ]),
  [
    'created in the year 1 and paid by the day',
    {
      creationDate: '0001-01-01',
      billingPeriod: { type: 'day', duration: 1 },
      term: { type: 'day', duration: 1 },
    },
  ],
  [
    'created in the year 99 and paid by the month',
    {
      creationDate: '0099-01-31',
      billingPeriod: { type: 'month', duration: 1 },
      term: { type: 'year', duration: 1 },
    },
  ],
  [
    'at an enormous price',
    {
      lines: [
        line({
          quantity: 2 ** 31 - 1,
          unitPrice: { amount: `${'9'.repeat(15)}.${'9'.repeat(20)}`, currency: 'ZZZ' },
        }),
      ] as never,
    },
  ],
  [
    'at a tiny price',
    { lines: [line({ unitPrice: { amount: `0.${'0'.repeat(19)}1`, currency: 'XCG' } })] as never },
  ],
  ['at a negative price', { lines: [line({ unitPrice: { amount: '-22.5', currency: 'USD' } })] as never }],
  ['of no seats', { lines: [line({ quantity: 0 })] as never }],
  ['of a fraction of a seat', { lines: [line({ quantity: 12.5 })] as never }],
  [
    'of a product without a name',
    { lines: [line({ mpn: '', vendor: '', productId: '', name: '' })] as never },
  ],
  ['of no product', { lines: [] }],
  ['with a name of signs', { name: '\u202e😀\u0007\ufeff', lines: [line({ name: '\u0001' })] as never }],
  ['in a status nobody knows', { status: '__proto__' }],
];

it.each(oddities)('a subscription %s is shown, quoted and listed, or refused in words', async (_, more) => {
  const id = randomUUID();
  const cmpSubscriptionId = id.slice(0, 20);
  await quoting.mirror.subscription(
    { cmpSubscriptionId, cmpAccountId: quoting.cmpAccountId, lines: [line()] as never, ...more },
    id,
  );
  await quoting.mirror.subscriptionChanged(id, 2, {
    ...{ cmpSubscriptionId, cmpAccountId: quoting.cmpAccountId, lines: [line()] as never, asOf: daysAgo(1) },
    ...{ ...more, name: 'Other' },
  });
  const answers: [string, number, unknown][] = [];
  for (const path of ['', '/options', '/history']) {
    const { status, body } = await quoting.call('GET', `/v1/subscriptions/${id}${path}`);
    answers.push([path, status, body]);
  }
  for (const spec of [
    { kind: 'change-quantity', seats: 11 },
    { kind: 'change-quantity', seats: 9 },
    { kind: 'change-quantity', seats: 9, when: 'renewal' },
    { kind: 'cancel' },
    { kind: 'renewal-setting', autoRenew: false },
  ]) {
    const { status, body } = await quoting.quote({ subscriptionId: id, ...spec });
    answers.push([spec.kind, status, body]);
  }
  const { status, body } = await quoting.call('GET', '/v1/subscriptions?ended=include&limit=200');
  answers.push(['list', status, body.status === undefined ? undefined : body]);
  expect(answers.filter(([, code]) => code >= 500)).toEqual([]);
  expect(answers.slice(0, 3).map(([, code]) => code)).toEqual([200, 200, 200]);
  expect(answers.at(-1)).toEqual(['list', 200, undefined]);
  const question = {
    ...{ tenantId: quoting.tenantId, connectorId: quoting.connectorId },
    providerAccountId: quoting.providerAccountId,
  };
  const { subscriptions } = await requestsTo(quoting.service).request(ListSubscriptions, question);
  expect(subscriptions.some(({ subscriptionId }) => subscriptionId === id)).toBe(true);
});
