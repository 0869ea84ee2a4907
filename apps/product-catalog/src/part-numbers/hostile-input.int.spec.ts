import { randomUUID } from 'node:crypto';
import { at, type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
let connectorId: string;
let productId: string;
beforeAll(async () => {
  catalog = await runProductCatalog();
  connectorId = await catalog.connector();
  await catalog.sync(connectorId);
  ({ id: productId } = await catalog.one('select id from products where connector_id = $1 limit 1', [
    connectorId,
  ]));
});
afterAll(() => catalog?.stop());

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
  true,
  [],
  [[]],
  ['x'],
  [null],
  {},
  { constructor: 1 },
  '\u0000',
  '\u0007',
  '\ud800',
  "'; --",
  '%',
  '\\',
  '<',
  '<term',
  '<<term>>',
  'INGRAM:vendor:mpn:<term>',
  'INGRAM:<vendor>:$&',
  'ingram: a : b ',
  'INGRAM:A:' + ':'.repeat(200),
  'INGRAM:A:' + 'y'.repeat(256),
  'INGRAM:İ:ß',
  'INGRAM::x',
  randomUUID(),
  [randomUUID(), randomUUID()],
  Array.from({ length: 1001 }, () => randomUUID()),
];
const cursor = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url');
const texts = [
  '%00',
  '%ed%a0%80',
  '%ff',
  'x',
  '%25',
  '%5c',
  "'",
  '[]',
  '%20',
  '2026-W01-1',
  '2026-366',
  '20260101',
  '0000-01-01',
  '2026-01-01T00:00:00%2B99:99',
  '%2B275760-09-13T00:00:00Z',
  '9999999999',
  '2026-01-01T24:00:00Z',
  '2026-01-01T10',
  'P1Y',
  'P99999Y',
  'P0M',
  ...[
    ['a', 'b'],
    ['a', randomUUID()],
    [randomUUID(), 3e9],
    [randomUUID(), 1.5],
    [3e9],
    [-1],
    [9e15],
    ['\ud800', randomUUID()],
    [null, null],
  ].map(cursor),
];

it('answers whatever is sent with a refusal or a result', async () => {
  const failures: string[] = [];
  const bodies: [string, string, Record<string, unknown>][] = [
    [
      'POST',
      '/v1/part-numbers/aliases/preview',
      {
        connectorId,
        productIds: [productId],
        vendor: 'x',
        pattern: 'INGRAM:vendor:mpn',
        partNumber: 'INGRAM:A:B',
      },
    ],
    [
      'POST',
      '/v1/part-numbers/aliases',
      {
        connectorId,
        productIds: [productId],
        partNumber: 'INGRAM:A:B',
        reason: 'r',
        fingerprint: 'f',
        pattern: 'x',
      },
    ],
    [
      'PUT',
      `${at('INGRAM:A:B')}/mapping?connectorId=${connectorId}`,
      { productId, reason: '', source: 'person' },
    ],
    ['POST', `${at('INGRAM:A:B')}/mapping/preview?connectorId=${connectorId}`, { productId }],
  ];
  for (const [method, path, whole] of bodies)
    for (const name of Object.keys(whole))
      for (const value of odd)
        for (const body of [
          { ...whole, [name]: value },
          { connectorId: whole.connectorId, [name]: value },
        ]) {
          const { status } = await catalog.call(method, path, {
            body,
            headers: { 'idempotency-key': randomUUID() },
          });
          if (status >= 500) failures.push(JSON.stringify([path, name, value, status]).slice(0, 150));
        }
  expect(failures).toEqual([]);
});

it('answers odd queries and paths', async () => {
  const failures: string[] = [];
  const get = async (path: string) => {
    const { status } = await catalog.call('GET', path);
    if (status >= 500) failures.push(`${path} ${status}`);
  };
  const names = [
    'connectorId',
    'productId',
    'q',
    'vendor',
    'mpn',
    'cursor',
    'limit',
    'state',
    'billingPeriod',
    'term',
    'name',
    'includeWithdrawn',
    'at',
  ];
  const paths = [
    '/v1/products',
    '/v1/part-numbers',
    '/v1/part-numbers/aliases',
    `/v1/products/${productId}/prices`,
    `/v1/products/${productId}/subscriptions`,
    `/v1/mappings/import/${randomUUID()}/rows`,
    ...['resolution', 'suggestions', 'subscriptions', 'mapping', 'mapping/history'].map(
      (tail) => `${at('INGRAM:A:B')}/${tail}`,
    ),
  ];
  for (const path of paths)
    for (const name of names)
      for (const text of texts)
        for (const place of [`connectorId=${connectorId}&`, '']) await get(`${path}?${place}${name}=${text}`);
  for (const text of texts)
    for (const tail of ['', '/resolution', '/mapping'])
      await get(`/v1/part-numbers/${text}${tail}?connectorId=${connectorId}`);
  expect(failures).toEqual([]);
});
