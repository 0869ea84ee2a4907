import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Allow, AuditQuery, decodeCursor, toPage } from '@isthmus/service-kit';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { runGateway, type RunningGateway } from '../../test/gateway.fixture.ts';

const us = randomUUID();
const uk = randomUUID();
const minute = (n: number) => new Date(Date.UTC(2026, 10, 27, 9, n)).toISOString();

/** An audit log of a service, as service-kit serves it. */
function auditLog(times: number[]) {
  const entries = times.map((at, index) => ({
    sequence: index + 1,
    time: minute(at),
    action: 'connector.update',
    subject: 'ann',
    channel: 'console',
    role: 'admin',
    thingType: 'connector',
    thingId: us,
    before: { name: 'US' },
    after: { name: 'USA' },
    reason: null,
    correlationId: 'one-of-many',
    previousHash: '',
    hash: 'h',
  }));
  @Allow('admin')
  @Controller('v1/audit')
  class Audit {
    @Get()
    list(@Query() { cursor, limit, action, subject }: AuditQuery): object {
      const before = Number(decodeCursor(cursor, ['number'])?.[0] ?? Infinity);
      const found = entries
        .filter(
          (one) =>
            one.sequence < before &&
            (!action || one.action === action) &&
            (!subject || one.subject === subject),
        )
        .toReversed();
      return toPage(
        found.slice(0, limit + 1),
        limit,
        ({ sequence }) => [sequence],
        (row) => row,
      );
    }
  }
  return Audit;
}

@Allow('viewer')
@Controller('v1')
class Accounts {
  @Get('provider-accounts')
  accounts(@Query() { q, linked }: { q?: string; linked?: string }): object {
    const all = [
      {
        id: 'a1',
        name: 'Adatum Gardens',
        cmpAccountId: '120',
        customDomain: 'adatum.example',
        linked: false,
      },
      { id: 'a2', name: 'Fabrikam Food', cmpAccountId: '121', customDomain: null, linked: true },
    ];
    const data = all.filter(
      (one) => (!q || one.name.includes(q)) && (!linked || String(one.linked) === linked),
    );
    return { data, nextCursor: null };
  }

  @Get('billing-contracts')
  contracts(@Query() { q }: { q?: string }): object {
    const contract = { id: 'c1', name: 'Adatum Main', tenantAccountName: 'Adatum', currency: 'USD' };
    return { data: [contract].filter(({ name }) => !q || name.includes(q)), nextCursor: null };
  }

  @Get('tenant-accounts')
  tenants(): object {
    return { data: [], nextCursor: null };
  }

  @Get('sync-runs')
  runs(@Query() { status }: { status: string }): object {
    const run = { connectorId: us, finishedAt: new Date(Date.now() - 60_000).toISOString() };
    const old = { connectorId: us, finishedAt: '2026-01-01T00:00:00.000Z' };
    return { data: { failed: [run, old], running: [run] }[status] ?? [], nextCursor: null };
  }

  @Get('sync-runs/freshness')
  freshness(): object {
    return [{ connectorId: us, subscriptionsAsOf: new Date(Date.now() - 60_000).toISOString() }];
  }
}

@Allow('viewer')
@Controller('v1')
class Connectors {
  @Get('connectors')
  list(@Query() { cursor }: { cursor?: string }): object {
    const one = (id: string, name: string) => ({
      id,
      name,
      status: 'active',
      country: 'US',
      currency: 'USD',
      secret: 'x',
    });
    return cursor
      ? { data: [one(uk, 'Ingram UK')], nextCursor: null }
      : { data: [one(us, 'Ingram US')], nextCursor: 'next' };
  }
}

@Allow('viewer')
@Controller('v1')
class Catalog {
  @Get('part-numbers/counts')
  counts(): object {
    return {
      data: [
        { state: 'unmapped', partNumbers: 3, subscriptions: 11 },
        { state: 'mapped', partNumbers: 75, subscriptions: 600 },
      ],
    };
  }

  @Get('part-numbers')
  parts(@Query() { q }: { q: string }): object {
    return {
      data: [{ id: 'p1', partNumber: `INGRAM:MICROSOFT:${q}`, seenName: 'Office 365 E3', state: 'unmapped' }],
      nextCursor: null,
    };
  }

  @Get('products')
  products(): object {
    return { data: [], nextCursor: null };
  }

  @Get('products/:id')
  product(@Param('id') id: string): object {
    return { id, name: 'Office 365 E3', partNumber: 'INGRAM:MICROSOFT:A', term: 'P1Y' };
  }
}

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
  await gateway.serve('account-sync', Accounts, auditLog([1, 4, 6, 8]));
  await gateway.serve('connector-config', Connectors, auditLog([2, 3, 7]));
  await gateway.serve('product-catalog', Catalog, auditLog([]));
  await gateway.serve('rest-provider', auditLog([5]));
});
afterAll(() => gateway.stop());

describe('the audit log', () => {
  beforeAll(async () => {
    await gateway.serve('subscription-lifecycle', auditLog(Array.from({ length: 12 }, (_, n) => 10 + n)));
  });

  it('names the service that does not respond: a log with a gap would not be one', async () => {
    const { status, body } = await gateway.call('GET', '/v1/audit');
    expect([status, body.service]).toEqual([503, 'webhooks']);
    const one = await gateway.call('GET', '/v1/audit?service=connector-config');
    expect(
      one.body.data.map(({ time, service }: { time: string; service: string }) => [time, service]),
    ).toEqual([7, 3, 2].map((at) => [minute(at), 'connector-config']));
  });

  it('of all services is one list, newest first, in pages of any size', async () => {
    await gateway.serve('webhooks', auditLog([9]));
    const expected = [...Array(21).keys()].map((n) => minute(n + 1)).toReversed();
    for (const limit of [1, 4, 21, 200]) {
      const seen: string[] = [];
      for (let cursor = ''; ;) {
        const { status, body } = await gateway.call('GET', `/v1/audit?limit=${limit}${cursor}`);
        expect(status).toBe(200);
        seen.push(...body.data.map(({ time }: { time: string }) => time));
        expect(body.data.length).toBeLessThanOrEqual(limit);
        if (body.nextCursor === null) break;
        cursor = `&cursor=${body.nextCursor}`;
      }
      expect(seen).toEqual(expected);
    }
  });

  it('shows the log of one service also behind a cursor of all', async () => {
    const all = await gateway.call('GET', '/v1/audit?limit=4');
    const path = `/v1/audit?service=connector-config&cursor=${all.body.nextCursor}`;
    const { body } = await gateway.call('GET', path);
    expect(body).toMatchObject({ data: [7, 3, 2].map((at) => ({ time: minute(at) })), nextCursor: null });
  });

  it('hands filters on to every service', async () => {
    const { body } = await gateway.call('GET', '/v1/audit?action=connector.delete');
    expect(body).toEqual({ data: [], nextCursor: null });
    expect((await gateway.call('GET', '/v1/audit?from=yesterday')).status).toBe(400);
  });

  it.each(['W10', 'WzFd', 'WzEsMSwxLDEsMSwieCJd', 'WzEsMSwxLDEsMSwtMV0'])(
    'refuses the cursor %s',
    async (cursor) => {
      expect((await gateway.call('GET', `/v1/audit?cursor=${cursor}`)).status).toBe(400);
    },
  );

  it('is for admins', async () => {
    expect((await gateway.call('GET', '/v1/audit', { as: { roles: ['operator'] } })).status).toBe(403);
  });
});

describe('the overview', () => {
  it('is put together from what the services have; what they do not offer is null', async () => {
    const { status, body } = await gateway.call('GET', '/v1/overview');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      connectors: [
        { id: us, name: 'Ingram US', status: 'active', asOf: expect.stringMatching(/^20/) },
        { id: uk, name: 'Ingram UK', asOf: null },
      ],
      runs: { running: 1, held: 0, failed24h: 1 },
      accounts: { unlinked: 1, withoutContract: null },
      partNumbers: { unmapped: 3, ambiguous: 0, subscriptionsWaiting: 11 },
      orders: null,
      endpoints: null,
      unavailable: [],
    });
    expect(Date.parse(body.connectors[0].asOf)).toBeGreaterThan(Date.now() - 120_000);
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});

describe('the search', () => {
  const find = async (q: string) =>
    (await gateway.call('GET', `/v1/search?${new URLSearchParams({ q }).toString()}`)).body;

  it('finds things of every kind by a part of their names', async () => {
    expect((await find('Adatum')).data).toEqual([
      { kind: 'provider-account', id: 'a1', title: 'Adatum Gardens', subtitle: '120 · adatum.example' },
      { kind: 'contract', id: 'c1', title: 'Adatum Main', subtitle: 'Adatum · USD' },
      {
        kind: 'part-number',
        id: 'p1',
        title: 'INGRAM:MICROSOFT:Adatum',
        subtitle: 'Office 365 E3 · unmapped',
      },
    ]);
    expect((await find('ingram u')).data).toMatchObject([
      { kind: 'connector', id: us, title: 'Ingram US', subtitle: 'US · USD' },
      { kind: 'connector', id: uk },
      { kind: 'part-number' },
    ]);
  });

  it('finds a thing by its id', async () => {
    const id = '6f1d0c9e-3c43-4f0e-9c55-0d9a4e1a7b10';
    expect((await find(id)).data).toEqual([
      { kind: 'product', id, title: 'Office 365 E3', subtitle: 'INGRAM:MICROSOFT:A · P1Y' },
    ]);
  });

  it.each(['', 'a', 'x'.repeat(101), 'a\u0000b'])('refuses %j', async (q) => {
    const { status } = await gateway.call('GET', `/v1/search?${new URLSearchParams({ q }).toString()}`);
    expect(status).toBe(400);
  });
});

describe('a service in whose place a proxy answers', () => {
  let proxy: Server;
  /** Sends what the spec says, and ends only if that is not half of something. */
  let answer: { status: number; text: string; ends: boolean };
  beforeAll(async () => {
    proxy = createServer((_request, response) => {
      response.writeHead(answer.status, { 'content-type': 'text/html' }).write(answer.text);
      if (answer.ends) response.end();
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  });
  afterAll(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  it.each([
    ['with a page', { status: 200, text: '<h1>Hello</h1>', ends: true }],
    ['with an error page', { status: 502, text: '<h1>Bad Gateway</h1>', ends: true }],
    ['with half of something', { status: 200, text: '{"data":[', ends: false }],
  ])('%s takes only its part with it', async (_, given) => {
    answer = given;
    const { port } = proxy.address() as AddressInfo;
    const services = JSON.parse(gateway.env.SERVICE_URLS!) as Record<string, string>;
    const SERVICE_URLS = JSON.stringify({ ...services, 'connector-config': `http://127.0.0.1:${port}` });
    const other = await gateway.replica({ PORT: '0', SERVICE_URLS, PROXY_TIMEOUT_MS: '3000' });
    const headers = { authorization: `Bearer ${await gateway.token()}` };
    const found = await fetch(`${other.url}/v1/search?q=Adatum`, { headers });
    expect([found.status, await found.json()]).toMatchObject([
      200,
      { data: [{ id: 'a1' }, { id: 'c1' }, { id: 'p1' }], unavailable: ['connector-config'] },
    ]);
    const log = await fetch(`${other.url}/v1/audit?service=connector-config`, { headers });
    expect([log.status, await log.json()]).toMatchObject([502, { service: 'connector-config' }]);
  });
});

it('one service that does not respond takes only its part with it, before who asked has given up', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const services = JSON.parse(gateway.env.SERVICE_URLS!) as Record<string, string>;
  const SERVICE_URLS = JSON.stringify({ ...services, 'connector-config': `http://127.0.0.1:${port}` });
  const other = await gateway.replica({ PORT: '0', SERVICE_URLS, PROXY_TIMEOUT_MS: '12000' });
  const headers = { authorization: `Bearer ${await gateway.token()}` };
  const began = Date.now();
  const found = await fetch(`${other.url}/v1/search?q=Adatum`, { headers });
  const ms = Date.now() - began;
  expect([found.status, await found.json()]).toMatchObject([200, { unavailable: ['connector-config'] }]);
  expect(ms).toBeLessThan(9_000);
  silent.closeAllConnections();
  silent.close();
});

it('one service that is down takes only its part with it', async () => {
  const other = await gateway.replica({
    PORT: '0',
    SERVICE_URLS: JSON.stringify({
      ...JSON.parse(gateway.env.SERVICE_URLS!),
      'connector-config': 'http://127.0.0.1:1',
      webhooks: 'http://127.0.0.1:1',
    }),
  });
  const headers = { authorization: `Bearer ${await gateway.token()}` };
  const overview = await (await fetch(`${other.url}/v1/overview`, { headers })).json();
  expect(overview).toMatchObject({
    connectors: null,
    partNumbers: { unmapped: 3 },
    unavailable: ['connector-config', 'webhooks'],
  });
  const found = await (await fetch(`${other.url}/v1/search?q=Adatum`, { headers })).json();
  expect(found).toMatchObject({
    data: [{ id: 'a1' }, { id: 'c1' }, { id: 'p1' }],
    unavailable: ['connector-config'],
  });
});
