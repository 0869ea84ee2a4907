import { randomUUID } from 'node:crypto';
import { contractOf, FindApiKey, nameOf, ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { RespondTo, RequestClient } from '@isthmus/messaging';
import { Allow, CurrentUser, Principal, ServiceEnv, type ServiceOptions } from '@isthmus/service-kit';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { eventually } from './probes.ts';
import { problemIn, runFakeService, runService, startPlatform } from './run-service.ts';

@Controller('things')
class Things {
  constructor(private readonly requests: RequestClient) {}

  @Allow('viewer')
  @Get()
  whose(@CurrentUser() { tenantId }: Principal): { tenantId: string } {
    return { tenantId };
  }

  @Allow('admin')
  @Post()
  async take(@Body() body: Record<string, string>): Promise<object> {
    return { ...body, ...(await this.requests.request(FindApiKey, { keyHash: body.keyHash! })) };
  }
}

@Module({ controllers: [Things] })
class ThingsModule {}

@Controller()
class Keys {
  @RespondTo(FindApiKey)
  find(): Promise<object> {
    return Promise.resolve({});
  }
}

const things: ServiceOptions = { service: 'things', module: ThingsModule, config: ServiceEnv };

it('starts a service that knows the tokens of its platform and reaches its neighbours', async () => {
  const platform = await startPlatform();
  const neighbour = await runFakeService('connector-config', { platform, controllers: [Keys] });
  const service = await runService(things, { platform, env: { LOG_LEVEL: 'info' } });
  expect(await service.call('GET', '/things')).toMatchObject({
    status: 200,
    body: { tenantId: service.tenantId },
  });
  const other = randomUUID();
  expect((await service.call('GET', '/things', { as: { tenant: other } })).body).toEqual({ tenantId: other });
  expect(problemIn(await service.call('GET', '/things', { as: null }))).toEqual({
    status: 401,
    code: 'unauthenticated',
  });
  const requested = await service.call('POST', '/things', { body: { keyHash: 'a'.repeat(64) } });
  expect(requested).toMatchObject({ status: 201, body: { keyHash: 'a'.repeat(64) } });
  expect(service.log()).toContain('things listens.');
  for (const one of [service, neighbour, platform]) await one.stop();
});

it('writes and reads the outbox of a neighbour, each event once', async () => {
  const neighbour = await runFakeService('account-sync');
  const id = randomUUID();
  const event = {
    id,
    type: nameOf(contractOf(ProviderAccountLinkedV1)),
    aggregateId: 'a-1',
    aggregateVersion: 3,
    tenantId: neighbour.tenantId,
    correlationId: id,
    traceparent: null,
    time: new Date(),
    data: { n: 1 },
  };
  await neighbour.emit(event);
  const { type, data, tenantId } = event;
  expect(await neighbour.events()).toEqual([{ type, data, tenantId, aggregateId: 'a-1', version: 3 }]);
  expect(await neighbour.events()).toEqual([]);
  expect(await neighbour.one('select count(*)::int as n from outbox')).toEqual({ n: 1 });
  await neighbour.stop();
});

it('leaves nothing behind of a start that failed', async () => {
  const platform = await startPlatform({ nats: process.env.TEST_NATS_URL });
  const failing = runService({ ...things, service: 'never_up' }, { platform, env: { PORT: '-1' } });
  await expect(failing).rejects.toThrow('PORT');
  const neighbour = await runFakeService('account-sync', { platform });
  await eventually(async () => {
    const { n } = await neighbour.one(
      `select count(*)::int as n from pg_database where datname like 'never_up%'`,
    );
    return n === 0;
  });
  await neighbour.stop();
  await platform.stop();
});
