import { Client } from 'pg';
import { type GatewayPlatform, pressButton, startBehindGateway, wholePlatform } from '../platform/gateway.ts';
import { HttpClient, type Untyped } from '../platform/http-client.ts';
import { headersOf, named, pathOf, type Route, routesOf, sample, services } from './routes.ts';
import {
  type Answer,
  key,
  mallory,
  mark,
  ownersWorld,
  partNumber,
  sender,
  strangersTenant,
  strangersWorld,
  tenantAccountId,
  valuesOf,
  type World,
} from './two-tenants.ts';

/*
 * One tenant has something of every kind. Another one, an administrator with a connector and an API key of its own, tries each
 * of these ids at every route that takes one: in the path, in the query, in the body; at its service and through the gateway.
 */

let behind: GatewayPlatform;
let owners: World['headers'];
let strangers: World['headers'];
/** The owner's, and the stranger's own. */
let ids: World['ids'];
let own: World['ids'];

beforeAll(async () => {
  const off = { RATE_LIMIT_PER_CALLER: '0', RATE_LIMIT_PER_TENANT: '0', RATE_LIMIT_PER_ADDRESS: '0' };
  behind = await startBehindGateway({
    ...wholePlatform,
    people: [{ id: mallory, name: 'Mallory', tenant: strangersTenant, roles: ['admin'] }],
    env: { ...off, LOG_LEVEL: 'error', WRITE_WAIT_MS: '500', ORDER_POLL_MS: '200' },
  });
  ({ ids, headers: owners } = await ownersWorld(behind.platform, behind.urlOf));
  ({ ids: own, headers: strangers } = await strangersWorld(behind.platform, behind.urlOf));
});
afterAll(() => behind?.stop());

const send = sender((service) => behind.urlOf(service));

const all = services.flatMap(routesOf).filter(({ role }) => role !== 'open');
const withIds = all.filter(({ path }) => path.includes('{'));

/** Paths whose parameter is no id of ours: a country, a market, a domain. */
const noIds = /^\/(countries|pricelists|utilities)\//;
/** Ids that a tenant chooses itself: they are those of its own things. */
const chosen = new Map([
  ['account-sync PUT /v1/tenant-accounts/{id}', 201],
  ['account-sync DELETE /v1/tenant-accounts/{id}', 204],
]);
/** What is asked about a part number is asked about a catalogue, which the query names. */
const ofCatalogue = ({ path }: Route) => path.startsWith('/v1/part-numbers/{partNumber}');
const queryOf = (route: Route): string =>
  ofCatalogue(route) ? `?connectorId=${ids['/v1/connectors/{id}']}` : '';

/** Bodies that are right, where one made of the schema is not: what is wrong with a body is told before anything is looked for. */
const bodies: Record<string, () => object> = {
  'PATCH /v1/connectors/{id}': () => ({ name: 'Mine' }),
  'POST /v1/connectors/{id}/verify': () => ({}),
  'PATCH /v1/billing-contracts/{id}': () => ({ name: 'Mine' }),
  'PATCH /v1/provider-accounts/{id}': () => ({ syncEnabled: false }),
  'PUT /v1/tenant-accounts/{id}': () => ({ name: 'Mine' }),
  'PATCH /v1/rated-lines/{id}': () => ({ decision: 'exclude', reason: 'no reason' }),
  'PUT /v1/part-numbers/{partNumber}/mapping': () => ({ productId: ids['/v1/products/{id}'], reason: 'x' }),
  'POST /v1/part-numbers/{partNumber}/mapping/preview': () => ({ productId: ids['/v1/products/{id}'] }),
  'POST /v1/parked-messages/{id}/drop': () => ({ reason: 'no reason' }),
  'POST /v1/orders/{id}/reject': () => ({ hash: 'x', reason: 'no reason' }),
  'POST /v1/orders/{id}/resolve': () => ({ outcome: 'settled', reason: 'no reason' }),
  'PATCH /v1/scheduled-changes/{id}': () => ({ at: 'renewal' }),
  'PATCH /v1/subscriptions/{id}': () => ({ friendlyName: 'Mine' }),
  'PATCH /v1/webhook-endpoints/{id}': () => ({ description: 'Mine' }),
  'POST /v1/webhook-endpoints/{id}/replay': () => ({ since: new Date().toISOString() }),
};
const bodyOf = ({ method, path, body, resolve }: Route): string | undefined => {
  const right = bodies[`${method} ${path}`];
  if (right) return JSON.stringify(right());
  return body && JSON.stringify(sample(body, resolve));
};

/** Work 365's contract has 400 instead of 404 in four places. */
const unknown = /"type":"urn:isthmus:problem:subscription\.unknown-id"/;

/** What only the owner has. */
const theirs = (): string[] =>
  [mark, ...Object.values(ids)].filter((one) => one !== partNumber && one !== tenantAccountId);

/** What in an answer is the owner's; the ids that were sent may be repeated. */
const shown = ({ text }: Answer, sent: string): string[] =>
  theirs().filter((one) => text.includes(one) && !sent.includes(one));

const strangersAt = ({ service, path }: Route) => strangers(service, path);

/** A thing of each service that its audit log is about. */
const audited: Record<string, string> = {
  'console-gateway': '/v1/connectors/{id}',
  'connector-config': '/v1/connectors/{id}',
  'account-sync': '/v1/sync-runs/{id}',
  'product-catalog': '/v1/catalog-syncs/{id}',
  'subscription-lifecycle': '/v1/orders/{id}',
  'rest-provider': '/v1/connectors/{id}',
  webhooks: '/v1/webhook-endpoints/{id}',
};

describe('an id of another tenant', () => {
  it('is one of nothing, at every route that takes one', async () => {
    const wrong: string[] = [];
    let tried = 0;
    for (const route of withIds.filter(({ path }) => !noIds.test(path))) {
      const values = valuesOf(route, ids);
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(({ 1: name = '' }) => name);
      if (names.some((name) => values[name] === undefined)) {
        wrong.push(`${named(route)}: there is nothing of that kind to try`);
        continue;
      }
      // The last of two ids is tried below what is the stranger's own as well.
      const tries = [values, { ...values, ...valuesOf(route, own) }];
      for (const one of names.length > 1 ? tries : tries.slice(0, 1)) {
        const path = pathOf(route, one) + queryOf(route);
        const body = bodyOf(route);
        const answer = await send(route, path, { ...headersOf(route), ...strangersAt(route) }, body);
        tried += 1;
        const what = `${named(route)}: ${answer.status} ${answer.text.slice(0, 200)}`;
        if (shown(answer, path + (body ?? '')).length > 0) wrong.push(`${what} shows something`);
        else if (chosen.has(named(route))) expect(answer.status).toBe(chosen.get(named(route)));
        else if (ofCatalogue(route) && route.method === 'GET') expect([200, 404]).toContain(answer.status);
        else if (answer.status !== 404 && !unknown.test(answer.text)) wrong.push(what);
      }
    }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(85);
  });

  it('filters nothing out of a list but what is the own', async () => {
    const wrong: string[] = [];
    let tried = 0;
    for (const route of all.filter(({ method }) => method === 'GET'))
      for (const { name } of route.parameters.filter((one) => one.in === 'query' && /Id$/.test(one.name))) {
        const kind = name.replace(/Id$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        const id = name === 'thingId' ? ids[audited[route.service] ?? ''] : ids[`/v1/${kind}s/{id}`];
        if (id === undefined) {
          wrong.push(`${named(route)}: there is no ${name} to try`);
          continue;
        }
        const needsPartNumber = route.parameters.some(
          (one) => one.name === 'partNumber' && one.in === 'query' && one.required,
        );
        const also = needsPartNumber ? `&partNumber=${partNumber}` : '';
        const path = `${pathOf(route, { ...valuesOf(route, own), partNumber })}?${name}=${id}${also}`;
        const answer = await send(route, path, strangersAt(route));
        tried += 1;
        const isRight = [200, 404].includes(answer.status) || unknown.test(answer.text);
        if (shown(answer, path).length > 0 || !isRight)
          wrong.push(`${named(route)}?${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
      }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(15);
  });

  it('shows nothing in any list without a filter either', async () => {
    for (const route of all.filter(({ method, path }) => method === 'GET' && !path.includes('{')))
      expect([named(route), shown(await send(route, route.path, strangersAt(route)), '')]).toEqual([
        named(route),
        [],
      ]);
  });

  it('in a body is of nothing: nothing is begun with it', async () => {
    const [connectorId, subscriptionId] = [ids['/v1/connectors/{id}'], ids['/v1/subscriptions/{id}']];
    const [providerAccountId, productId] = [ids['/v1/provider-accounts/{id}'], ids['/v1/products/{id}']];
    const mine = own['/v1/connectors/{id}'];
    const purchase = { kind: 'create', providerAccountId, partNumber, seats: 1, parameters: [] };
    const change = { kind: 'change-quantity', subscriptionId, seats: 3 };
    const quoted = { kind: 'cancel', subscriptionId, quoteId: ids['/v1/quotes/{id}'] };
    const alias = { productIds: [productId], partNumber: 'INGRAM:X:Y', reason: 'x' };
    const contract = { tenantAccountId, name: 'Mine', currency: 'USD', startDate: '2026-01-01' };
    const signer = { firstName: 'A', lastName: 'B', email: 'a@b.example' };
    const agreement = { templateId: 't', signedBy: signer, signedOn: '2026-01-01T00:00:00Z' };
    const replay = `/v1/webhook-endpoints/${own['/v1/webhook-endpoints/{id}']}/replay`;
    const mapping = (connector = '') => `/v1/part-numbers/INGRAM:X:Z/mapping?connectorId=${connector}`;
    const eventId = ((await ownersDelivery()) as { eventId: string }).eventId;
    const tries: [string, string, string, object, number][] = [
      ['account-sync', 'POST', '/v1/sync-runs', { connectorId, scope: 'accounts' }, 404],
      [
        'account-sync',
        'POST',
        '/v1/sync-runs',
        { connectorId: mine, scope: 'subscriptions', providerAccountId },
        404,
      ],
      [
        'account-sync',
        'POST',
        '/v1/sync-runs',
        { connectorId: mine, scope: 'subscriptions', billingContractId: ids['/v1/billing-contracts/{id}'] },
        404,
      ],
      ['account-sync', 'PUT', `/v1/tenant-accounts/${tenantAccountId}`, { name: 'Mine' }, 201],
      // That account is one of its own.
      ['account-sync', 'POST', '/v1/billing-contracts', contract, 409],
      ['product-catalog', 'POST', '/v1/catalog-syncs', { connectorId }, 404],
      ['product-catalog', 'PUT', mapping(connectorId), { productId: null }, 404],
      ['product-catalog', 'PUT', mapping(connectorId), { productId }, 404],
      ['product-catalog', 'PUT', mapping(mine), { productId }, 404],
      ['product-catalog', 'POST', '/v1/part-numbers/aliases', { ...alias, connectorId }, 404],
      ['product-catalog', 'POST', '/v1/part-numbers/aliases', { ...alias, connectorId: mine }, 404],
      ['product-catalog', 'POST', '/v1/part-numbers/aliases/preview', { connectorId }, 404],
      ['subscription-lifecycle', 'POST', '/v1/orders', purchase, 404],
      ['subscription-lifecycle', 'POST', '/v1/orders', change, 404],
      ['subscription-lifecycle', 'POST', '/v1/orders', quoted, 404],
      ['subscription-lifecycle', 'POST', '/v1/quotes', purchase, 404],
      ['subscription-lifecycle', 'POST', '/v1/quotes', change, 404],
      ['subscription-lifecycle', 'POST', '/v1/scheduled-changes', { ...change, at: 'renewal' }, 404],
      ['webhooks', 'POST', replay, { since: eventId }, 404],
      [
        'rest-provider',
        'POST',
        '/subscriptions',
        { customer: { id: providerAccountId }, partNumber, quantity: 1 },
        404,
      ],
      ['rest-provider', 'PATCH', '/subscriptions', { id: subscriptionId, quantity: 3 }, 404],
      ['rest-provider', 'POST', '/agreements', { ...agreement, customer: { id: providerAccountId } }, 404],
    ];
    const wrong: string[] = [];
    for (const [service, method, path, body, expected] of tries) {
      const sent = JSON.stringify(body);
      const answer = await send({ service, method }, path, { ...key(), ...strangers(service, path) }, sent);
      if (answer.status !== expected || shown(answer, sent + path).length > 0)
        wrong.push(`${service} ${method} ${path} ${sent}: ${answer.status} ${answer.text.slice(0, 300)}`);
    }
    expect(wrong).toEqual([]);

    // Of many, each is refused by itself.
    const assign = { billingContractId: null, subscriptionIds: [subscriptionId] };
    const route = { service: 'subscription-lifecycle', method: 'POST' } as const;
    const { status, text } = await send(
      route,
      '/v1/subscriptions/assignments',
      strangers('subscription-lifecycle', '/v1/subscriptions'),
      JSON.stringify(assign),
    );
    expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ assigned: 0 })]);
    expect(text).not.toContain(mark);
  });
});

describe('through the gateway', () => {
  const gateway = 'console-gateway';
  const read = { service: gateway, method: 'GET' };
  /** Who asks: a program with a token, a page with a session. */
  const askers = async (): Promise<[string, Record<string, string>][]> => {
    const cookies = await pressButton(`${behind.urlOf(gateway)}/auth/login`, mallory);
    return [
      ['token', strangers(gateway, '')],
      ['session', { cookie: `isthmus_session=${cookies.get('isthmus_session')}` }],
    ];
  };
  const at = (path: string, headers: Record<string, string>) => send(read, path, headers);

  it('a stranger reads nothing of any id either, with a token or with a session', async () => {
    const routes = withIds.filter(({ method, path }) => method === 'GET' && path.startsWith('/v1/'));
    const wrong: string[] = [];
    let tried = 0;
    for (const [who, headers] of await askers()) {
      const me = await at('/v1/me', headers);
      expect(JSON.parse(me.text)).toMatchObject({ sub: mallory, tenant: strangersTenant });
      for (const route of routes) {
        const path = pathOf(route, valuesOf(route, ids)) + queryOf(route);
        const answer = await at(path, headers);
        tried += 1;
        // The stranger has chosen the same id for an account of its own.
        const fine = ofCatalogue(route) || route.path === '/v1/tenant-accounts/{id}' ? [200, 404] : [404];
        if (!fine.includes(answer.status) || shown(answer, path).length > 0)
          wrong.push(`${named(route)} by ${who}: ${answer.status} ${answer.text.slice(0, 200)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(50);
  });

  it('nothing of it is found, counted or in a log that the gateway composes', async () => {
    const connectorId = ids['/v1/connectors/{id}']!;
    const log = `/v1/audit?thingId=${connectorId}`;
    // What it composes for the owner: otherwise nothing would have been looked for.
    const mine = owners(gateway, '');
    for (const path of [`/v1/search?q=${mark}`, `/v1/search?q=${connectorId}`, log])
      expect(JSON.parse((await at(path, mine)).text).data).not.toEqual([]);

    const asked = theirs().filter((one) => one.length <= 100);
    for (const [who, headers] of await askers()) {
      for (const one of asked) {
        const { status, text } = await at(`/v1/search?q=${encodeURIComponent(one)}`, headers);
        expect([who, one, status, JSON.parse(text).data]).toEqual([who, one, 200, []]);
      }
      expect(JSON.parse((await at(log, headers)).text).data).toEqual([]);
      for (const path of ['/v1/overview', '/v1/audit', '/v1/me'])
        expect([who, path, shown(await at(path, headers), '')]).toEqual([who, path, []]);
    }
  });
});

describe('a list in place of a body', () => {
  const changing = new Set(['PUT', 'PATCH']);
  it('is refused with the right ETag too, and changes nothing', async () => {
    const routes = withIds.filter(
      ({ method, body, path }) => changing.has(method) && body && !noIds.test(path),
    );
    const wrong: string[] = [];
    for (const route of routes) {
      const path = pathOf(route, valuesOf(route, ids)) + queryOf(route);
      const headers = owners(route.service, route.path);
      const thing = { service: route.service, method: 'GET' };
      let before = await send(thing, path, headers);
      const given = headersOf(route);
      if (given['if-match'] && !before.etag) wrong.push(`${named(route)}: there is no ETag to send`);
      // What is under way may change it meanwhile, but not every time.
      for (let tries = 0; tries < 5; tries += 1) {
        const sent = { ...given, ...headers, ...(before.etag && { 'if-match': before.etag }) };
        for (const body of ['[]', '[{}]']) {
          const { status, text } = await send(route, path, sent, body);
          if (status !== 400) wrong.push(`${named(route)} with ${body}: ${status} ${text.slice(0, 200)}`);
        }
        const after = await send(thing, path, headers);
        if (after.etag === before.etag) break;
        if (tries === 4) wrong.push(`${named(route)}: was ${before.etag}, is ${after.etag}`);
        before = after;
      }
    }
    expect(wrong).toEqual([]);
    expect(routes.filter((route) => headersOf(route)['if-match']).length).toBeGreaterThanOrEqual(6);
  });
});

const ownersDelivery = async (): Promise<Untyped> =>
  new HttpClient(behind.urlOf('webhooks'), owners('webhooks', '').authorization!.slice('Bearer '.length))
    .get(`/v1/deliveries/${ids['/v1/deliveries/{id}']}`)
    .then(({ body }) => body);

describe('afterwards', () => {
  it('each of the ids still is what it was to its owner', async () => {
    const missing: string[] = [];
    for (const route of withIds.filter(({ method, path }) => method === 'GET' && !noIds.test(path))) {
      const path = pathOf(route, valuesOf(route, ids)) + queryOf(route);
      const { status } = await send(route, path, owners(route.service, route.path));
      if (status !== 200) missing.push(`${named(route)}: ${status}`);
    }
    expect(missing).toEqual([]);
  });

  it('no row of any table has something of both', async () => {
    const both: string[] = [];
    let looked = 0;
    for (const url of [...behind.platform.databases, behind.database]) {
      const client = new Client({ connectionString: url });
      await client.connect();
      const { rows: tables } = await client.query<{ name: string }>(
        `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema')`,
      );
      for (const { name } of tables) {
        const { rows } = await client.query<{ text: string }>(`select t::text as text from ${name} t`);
        looked += rows.length;
        for (const { text } of rows)
          if (
            (text.includes(strangersTenant) || text.includes(mallory)) &&
            theirs().some((one) => text.includes(one))
          )
            both.push(`${name}: ${text.slice(0, 300)}`);
      }
      await client.end();
    }
    expect(both).toEqual([]);
    expect(looked).toBeGreaterThan(1_000);
  });
});
