import { randomUUID } from 'node:crypto';
import { Allow, decodeCursor, NotAudited, notFound, PageQuery, Problem, toPage } from '@isthmus/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { runGateway, type RunningGateway } from '../../test/gateway.fixture.ts';

const eventId = randomUUID();
const minute = (n: number) => new Date(Date.UTC(2026, 10, 27, 9, n)).toISOString();
const parkedId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
/** What the services were told to do. */
const done: string[] = [];

/** The parked messages of a service, as service-kit serves them. */
function parkedMessages(service: string, minutes: number[]) {
  const rows = minutes.map((at) => ({
    id: parkedId(at),
    direction: 'in',
    eventType: 'account-sync.provider-account-linked.v1',
    eventId,
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

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
  const parked = { 'account-sync': [1, 4], 'connector-config': [2, 3], 'rest-provider': [5] };
  const none = { 'product-catalog': [], 'subscription-lifecycle': [], webhooks: [] };
  for (const [service, minutes] of Object.entries({ ...parked, ...none }))
    await gateway.serve(service as 'webhooks', parkedMessages(service, minutes));
});
afterAll(() => gateway.stop());

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
