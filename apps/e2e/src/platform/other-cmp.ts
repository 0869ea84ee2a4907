import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const otherCmpAccount = {
  username: 'reseller.API',
  password: 'p:ässword with blanks',
  subscriptionKey: 'ffffffffffffffffffffffffffffffff',
  accountId: '77',
};

const customer = (index: number) => ({
  id: 5_000 + index,
  name: `Kunde ${index}`,
  status: 'active',
  address: { streetAddress: 'Weg 1', postalCode: '10115', city: 'Berlin', countryCode: 'DE' },
  contactPersons: [
    {
      type: 'admin',
      firstName: 'A',
      lastName: 'B',
      email: `a${index}@kunde.example`,
      phoneNumber: '49#30#1#',
    },
  ],
  language: 'de_DE',
});

const row = (index: number) => ({
  id: String(900 + index),
  customerId: 5_000 + index,
  name: 'Microsoft 365 Business Basic',
  status: 'active',
  renewalStatus: true,
  creationDate: '2026-01-31',
  expirationDate: '2027-01-30',
  billingPeriod: { type: 'month', duration: 1 },
  subscriptionPeriod: { type: 'year', duration: 1 },
  somethingNew: { that: 'nobody knows' },
});

const product = {
  id: 77_001,
  mpn: 'CFQ7TTC0LH18:0001',
  vendor: 'Microsoft',
  name: 'Microsoft 365 Business Basic',
  prices: [{ type: 'recurring', model: 'FLAT', currency: 'EUR', amount: 5.1 }],
  billingPeriod: { type: 'month', duration: 1 },
  subscriptionPeriod: { type: 'year', duration: 1 },
};

/**
 * A CMP that is independent of our simulator: it uses another path, returns numbers where others return texts, sends no
 * content type and no correlation id, and has few records. What works against it does not rely on the simulator's behaviour.
 */
export async function startOtherCmp(account = otherCmpAccount, sessionToken = 'opaque-token') {
  const seats = new Map([0, 1, 2].map((index) => [String(900 + index), 3 + index]));
  const detail = (id: string) => {
    const line = {
      mpn: 'CFQ7TTC0LH18:0001',
      vendor: 'Microsoft',
      quantity: `${seats.get(id)}.0`,
      unitPrice: { currency: 'EUR', amount: 5.1 },
    };
    return { ...row(Number(id) - 900), products: [line] };
  };
  const page = (query: URLSearchParams, rows: object[]) => {
    const wanted = query.get('customerId');
    const all = wanted
      ? rows.filter((entry) => 'customerId' in entry && String(entry.customerId) === wanted)
      : rows;
    const [offset, limit] = [Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 10)];
    return { data: all.slice(offset, offset + limit), pagination: { offset, limit, total: all.length } };
  };
  const answers: [RegExp, (id: string, query: URLSearchParams) => object][] = [
    [/^\/customers$/, (_, query) => page(query, [2, 1, 0].map(customer))],
    [/^\/subscriptions$/, (_, query) => page(query, [2, 1, 0].map(row))],
    [/^\/subscriptions\/(\d+)$/, (id) => detail(id)],
    [/^\/products$/, (_, query) => page(query, [product])],
    [/^\/(orders|resellers|plans)$/, (_, query) => page(query, [])],
  ];

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://cmp.local');
    const path = url.pathname.replace(/^\/cloud\/api\/v9/, '');
    const basic = Buffer.from(`${account.username}:${account.password}`).toString('base64');
    const token = path === '/token';
    const allowed = request.headers.authorization === (token ? `Basic ${basic}` : `Bearer ${sessionToken}`);
    const known = answers.find(([pattern]) => pattern.test(path));
    const keyed = request.headers['x-subscription-key'] === account.subscriptionKey;
    const [status, body] = !keyed
      ? [401, { statusCode: 401, message: 'Access denied due to invalid subscription key.' }]
      : !allowed
        ? [401, { status: 401, message: 'Unauthorized', path }]
        : token
          ? [200, { token: sessionToken, expiresInSeconds: 1_500 }]
          : known
            ? [200, known[1](known[0].exec(path)?.[1] ?? '', url.searchParams)]
            : [404, { timestamp: '2026-01-01T00:00:00Z', status: 404, error: 'Not Found', path }];
    request.resume();
    response.writeHead(status as number).end(JSON.stringify(body));
  };

  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cloud/api/v9/`,
    seats,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
