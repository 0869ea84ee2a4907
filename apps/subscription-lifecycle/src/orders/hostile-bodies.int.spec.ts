import { randomUUID } from 'node:crypto';
import { premium, runQuoting } from '../../test/neighbours.fixture.ts';

let quoting: Awaited<ReturnType<typeof runQuoting>>;
let subscriptionId: string;
beforeAll(async () => {
  quoting = await runQuoting();
  subscriptionId = await quoting.bought(5);
});
afterAll(() => quoting?.stop());

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
  true,
  [],
  [[]],
  ['x'],
  [null],
  {},
  { x: 1 },
  { constructor: 1 },
  '\u0000',
  '\u0007',
  '\ud800',
  "'; --",
  '2026-W01-1',
  '2026-02-30',
  '0000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '2026-12-31T24:00:00Z',
  '2026-12-01T00:00:00+99:99',
  '9999-12-31T23:59:59.999999Z',
  '9999-12-31T23:59:59-23:59',
  'P99999999999Y',
  'P1Y1M',
  'P01Y',
  'p1y',
  'INGRAM::',
  'INGRAM:X:' + 'y'.repeat(500),
  { amount: '1E400', currency: 'USD' },
  { amount: '9'.repeat(500), currency: 'USD' },
  { amount: '-1', currency: 'usd' },
  { amount: '1', currency: 'USD' },
  [{ name: 'microsoft_domain', value: '\ud800' }],
  [{ name: '\ud800', value: 'x' }],
  [{ name: 'a', structured_value: { '\u0000': 1 } }],
  [{ name: 'email_address_agreement', value: '\ud800' }],
  [
    { name: 'microsoft_domain', value: 'a' },
    { name: 'microsoft_domain', value: 'b' },
  ],
  [{ name: 'agreement_date', value: '99-99-9999' }],
  [{ name: 'mca_acceptance' }],
  [{ name: 'tenant_preference', structured_value: [] }],
];
type Body = Record<string, unknown>;
const bodies = (): [string, Body, Record<string, unknown>][] => [
  [
    '/v1/orders',
    quoting.purchase(),
    {
      quoteId: randomUUID(),
      highestTotal: { amount: '1', currency: 'USD' },
      extraProducts: ['x'],
      priceTolerancePercent: 1,
      dropScheduledChanges: true,
      when: 'now',
      mpn: 'x',
      autoRenew: true,
      subscriptionId,
    },
  ],
  [
    '/v1/orders',
    { kind: 'change-quantity', subscriptionId, seats: 6, mpn: premium },
    { when: 'now', term: 'P1Y', billingPeriod: 'P1M', dropScheduledChanges: false, parameters: [] },
  ],
  ['/v1/orders', { kind: 'renewal-setting', subscriptionId, autoRenew: false }, { seats: 1 }],
  [
    '/v1/scheduled-changes',
    { kind: 'change-quantity', subscriptionId, seats: 9, at: new Date(Date.now() + 3_600_000).toISOString() },
    { mpn: premium, dropScheduledChanges: true, autoRenew: true },
  ],
];
it('answers whatever is sent with a refusal or a result', async () => {
  const failures: unknown[] = [];
  let n = 0;
  for (const [path, body, more] of bodies())
    for (const name of Object.keys({ ...body, ...more }))
      for (const value of odd) {
        const sent = { ...body, [name]: value };
        for (const target of path === '/v1/orders' && n % 4 === 0 ? [path, '/v1/quotes'] : [path]) {
          const answer = await quoting.call('POST', target, sent, { 'idempotency-key': randomUUID() });
          if (answer.status >= 500)
            failures.push([target, name, JSON.stringify(value).slice(0, 60), answer.status]);
        }
        n += 1;
      }
  expect([n > 1000, failures.map((f) => JSON.stringify(f))]).toEqual([true, []]);
});

it('answers odd queries', async () => {
  const failures: unknown[] = [];
  const cursor = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url');
  const cursors = [
    ['a\u0000'],
    ['x'],
    [''],
    ['1.5'],
    ['-1'],
    ['1e3'],
    ['\ud800'],
    ['99999999999999999999'],
    ['2026-01-01T00:00:00Z,x'],
    [null],
    [1],
    ['2026-11-27 01:00:00+00'],
    ['a\u0000', randomUUID()],
    ['', ''],
    ['x', 'y', 'z'],
  ].map(cursor);
  const texts = ['%00', '%ed%a0%80', '%ff', 'x', '%25', '%5c', "'", '[]', '%20'];
  const names = [
    'status',
    'subscriptionId',
    'waitingFor',
    'q',
    'connectorId',
    'providerAccountId',
    'billingContractId',
    'tenantAccountId',
    'limit',
    'account',
    'contractId',
    'unassigned',
    'endsBefore',
    'name',
  ];
  const lists = ['/v1/orders', '/v1/subscriptions', '/v1/scheduled-changes'];
  const history = `/v1/subscriptions/${subscriptionId}/history`;
  expect((await quoting.call('GET', history)).status).toBe(200);
  for (const path of [...lists, history])
    for (const one of cursors) {
      const { status } = await quoting.call('GET', `${path}?cursor=${one}`);
      const text = Buffer.from(one, 'base64url').toString();
      // None of them is the place of a change.
      if (path === history ? status !== 400 : status >= 500) failures.push([path, text, status]);
    }
  for (const path of lists) {
    for (const name of names)
      for (const text of texts) {
        const { status } = await quoting.call('GET', `${path}?${name}=${text}`);
        if (status >= 500) failures.push([path, name, text, status]);
      }
    for (const text of texts) {
      const { status } = await quoting.call('GET', `${path}/${text}`);
      if (status >= 500) failures.push([path, text, status]);
    }
  }
  expect(failures).toEqual([]);
});
