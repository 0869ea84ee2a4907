import { randomUUID } from 'node:crypto';
import {
  Allow,
  AuditQuery,
  decodeCursor,
  NotAudited,
  notFound,
  PageQuery,
  Problem,
  toPage,
} from '@isthmus/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
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

const parkedId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
/** What the services were told to do. */
const done: string[] = [];

/** The parked messages of a service, as service-kit serves them. */
function parkedMessages(service: string, minutes: number[]) {
  const rows = minutes.map((at) => ({
    id: parkedId(at),
    direction: 'in',
    eventType: 'account-sync.provider-account-linked.v1',
    eventId: us,
    subject: 'a1',
    publishedAt: minute(0),
    correlationId: 'one-of-many',
    traceId: null,
    reason: 'handler.failed',
    detail: 'It failed.',
    remedy: 'retry',
    tries: 5,
    parkedAt: minute(at),
  }));
  @Allow('viewer')
  @Controller('v1/parked-messages')
  class Parked {
    @Get()
    list(@Query() { cursor, limit }: PageQuery): object {
      const [before = '9', id = ''] = (decodeCursor(cursor, ['time', 'uuid']) ?? []) as string[];
      const found = rows
        .filter((one) => one.parkedAt < before || (one.parkedAt === before && one.id < id))
        .toReversed();
      return toPage(
        found.slice(0, limit + 1),
        limit,
        (row) => [row.parkedAt, row.id],
        (row) => row,
      );
    }

    @Get(':id')
    one(@Param('id') id: string): object {
      const found = rows.find((row) => row.id === id);
      if (!found) throw notFound('parked message', id);
      return found;
    }

    @Post(':id/:command')
    @HttpCode(204)
    @NotAudited('A stand-in.')
    command(
      @Param() { id, command }: { id: string; command: string },
      @Body() body: object,
      @Req() { principal }: FastifyRequest,
    ): void {
      if (id === parkedId(2) && command === 'retry')
        throw new Problem({
          status: 409,
          type: 'parked-message-failed-again',
          title: 'Again',
          detail: 'No.',
        });
      done.push(`${service} ${command} ${id} ${JSON.stringify(body ?? null)} ${principal!.subject}`);
    }
  }
  return Parked;
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

  @Get('tenant-accounts')
  tenants(): object {
    return { data: [], nextCursor: null };
  }

  @Get('sync-runs')
  runs(@Query() { status }: { status: string }): object {
    const run = { connectorId: us, finishedAt: new Date(Date.now() - 60_000).toISOString() };
    const old = { connectorId: us, finishedAt: '2026-01-01T00:00:00.000Z' };
    return {
      data: { succeeded: [run, old], failed: [run, old], running: [run] }[status] ?? [],
      nextCursor: null,
    };
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
  await gateway.serve(
    'account-sync',
    Accounts,
    auditLog([1, 4, 6, 8]),
    parkedMessages('account-sync', [1, 4]),
  );
  const parked = parkedMessages('connector-config', [2, 3]);
  await gateway.serve('connector-config', Connectors, auditLog([2, 3, 7]), parked);
  await gateway.serve('product-catalog', Catalog, auditLog([]), parkedMessages('product-catalog', []));
  await gateway.serve('rest-provider', auditLog([5]), parkedMessages('rest-provider', [5]));
});
afterAll(() => gateway.stop());

describe('the audit log', () => {
  beforeAll(async () => {
    const log = auditLog(Array.from({ length: 12 }, (_, n) => 10 + n));
    await gateway.serve('subscription-lifecycle', log, parkedMessages('subscription-lifecycle', []));
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
    await gateway.serve('webhooks', auditLog([9]), parkedMessages('webhooks', []));
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

describe('the parked messages', () => {
  const all = '/v1/parked-messages';
  const at = (n: number) => `${all}/${parkedId(n)}`;

  it('of all services are one list, newest first, in pages of any size', async () => {
    for (const limit of [1, 3, 200]) {
      const seen: [string, string][] = [];
      for (let cursor = ''; ;) {
        const { status, body } = await gateway.call('GET', `${all}?limit=${limit}${cursor}`);
        expect(status).toBe(200);
        seen.push(...body.data.map((one: { id: string; service: string }) => [one.id, one.service]));
        if (body.nextCursor === null) break;
        cursor = `&cursor=${body.nextCursor}`;
      }
      expect(seen).toEqual([
        [parkedId(5), 'rest-provider'],
        [parkedId(4), 'account-sync'],
        [parkedId(3), 'connector-config'],
        [parkedId(2), 'connector-config'],
        [parkedId(1), 'account-sync'],
      ]);
    }
    const { body } = await gateway.call('GET', `${all}?service=connector-config`);
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual([parkedId(3), parkedId(2)]);
    for (const bad of ['service=nobody', 'cursor=W10', 'cursor=WzAsMCwwLDAsMCwieCJd'])
      expect([bad, (await gateway.call('GET', `${all}?${bad}`)).status]).toEqual([bad, 400]);
  });

  it('are found by id, and what is done to one is done by the service that has it, as the caller', async () => {
    expect((await gateway.call('GET', at(5))).body).toMatchObject({ service: 'rest-provider', tries: 5 });
    const as = { roles: ['operator'], sub: 'ann' } as const;
    expect((await gateway.call('POST', `${at(1)}/retry`, { as })).status).toBe(204);
    const reason = { reason: 'It is a test.' };
    expect((await gateway.call('POST', `${at(3)}/drop`, { as, body: reason })).status).toBe(204);
    expect(done).toEqual([
      `account-sync retry ${parkedId(1)} null ann`,
      `connector-config drop ${parkedId(3)} {"reason":"It is a test."} ann`,
    ]);
    const again = await gateway.call('POST', `${at(2)}/retry`, { as });
    expect([again.status, again.body.detail, again.body.service]).toEqual([409, 'No.', 'connector-config']);
    expect((await gateway.call('POST', `${at(3)}/drop`, { as, body: { reason: '' } })).status).toBe(400);
    expect((await gateway.call('POST', `${at(9)}/retry`, { as })).status).toBe(404);
    expect((await gateway.call('GET', at(9))).status).toBe(404);
    expect((await gateway.call('POST', `${at(1)}/retry`, { as: { roles: ['viewer'] } })).status).toBe(403);
    expect(done).toHaveLength(2);
  });

  it('one that nobody has may be in a service that is down, which is named', async () => {
    const other = await gateway.replica({
      PORT: '0',
      SERVICE_URLS: JSON.stringify({
        ...JSON.parse(gateway.env.SERVICE_URLS!),
        webhooks: 'http://127.0.0.1:1',
      }),
    });
    const headers = { authorization: `Bearer ${await gateway.token()}` };
    const read = async (path: string) => {
      const response = await fetch(other.url + path, { headers });
      const { service } = (await response.json()) as { service?: string };
      return [response.status, service];
    };
    expect(await read(at(9))).toEqual([503, 'webhooks']);
    expect(await read(at(4))).toEqual([200, 'account-sync']);
    expect(await read(all)).toEqual([503, 'webhooks']);
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
  expect(found).toMatchObject({ data: [{ id: 'a1' }, { id: 'p1' }], unavailable: ['connector-config'] });
});
