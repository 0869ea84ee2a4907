import { eventually } from '@isthmus/testing';
import { Pool } from 'pg';
import { isNce, oneMore, orderEnded, placed, subscriptionsLike, syncEverything } from '../platform/acts.ts';
import { type GatewayPlatform, startBehindGateway, wholePlatform } from '../platform/gateway.ts';
import { traceSink } from '../platform/receivers.ts';
import type { ServiceProcess } from '../platform/service-process.ts';
import { inOneProcess } from '../platform/single-process.ts';
import type { Untyped } from '../platform/http-client.ts';

let sink: Awaited<ReturnType<typeof traceSink>>;
let behind: GatewayPlatform;
let programs: ServiceProcess[];
let one: Awaited<ReturnType<typeof inOneProcess>>;
let order: Untyped;

beforeAll(async () => {
  sink = await traceSink();
  behind = await startBehindGateway({
    ...wholePlatform,
    simulator: { world: 'sized:40:300', orderDelaySeconds: 0.3 },
    env: {
      ORDER_POLL_MS: '100',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_SAMPLE_RATIO: '1',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
  });
  programs = [behind.gateway, ...behind.platform.processes];
  one = await inOneProcess(programs);
  sink.spans.length = 0;
  const user = await behind.platform.as();
  await syncEverything(behind.platform, user);
  const [subscription] = await subscriptionsLike(user, 1, isNce);
  order = await orderEnded(user, await placed(user, oneMore(subscription)));
});
afterAll(async () => {
  await one?.stop();
  await behind?.stop();
  await sink?.close();
});

it('does the main job', () => {
  expect(order.status).toBe('settled');
});

it('has a process less each, and every program answers at its own address', async () => {
  expect(programs.filter(({ exitCode }) => exitCode === undefined)).toEqual([]);
  const ready = programs.map(async ({ url }) => (await fetch(`${url}/healthz/ready`)).status);
  expect(await Promise.all(ready)).toEqual(programs.map(() => 200));
});

it('tells in traces and logs whose work it was', async () => {
  await eventually(() => sink.spans.some(({ name }) => name === 'POST /v1/orders'));
  const of = (pattern: RegExp) => [
    ...new Set(sink.spans.filter(({ name }) => pattern.test(name)).map(({ service }) => service)),
  ];
  expect(of(/^POST \/v1\/connectors$/)).toEqual(['connector-config']);
  expect(of(/^sync (accounts|subscriptions)/)).toEqual(['account-sync']);
  expect(of(/^POST \/v1\/orders$/)).toEqual(['subscription-lifecycle']);
  const logged = one.process.log
    .split('\n')
    .filter((line) => line.includes('listens.'))
    .map((line) => (JSON.parse(line) as { service: string }).service);
  expect(logged.sort()).toEqual(programs.map(({ service }) => service).sort());
});

it('counts the requests of each program by itself', async () => {
  const metricsOf = async (name: string) => (await fetch(`${behind.urlOf(name)}/metrics`)).text();
  const [connectors, orders] = await Promise.all(
    ['connector-config', 'subscription-lifecycle'].map((name) => metricsOf(name)),
  );
  expect(connectors).toContain('http_route="/v1/connectors"');
  expect(connectors).not.toContain('http_route="/v1/orders"');
  expect(orders).toContain('http_route="/v1/orders"');
  expect(orders).not.toContain('http_route="/v1/connectors"');
});

it('connects to each database as the role of its program alone', async () => {
  const rolesIn = async (url: string): Promise<string> => {
    const pool = new Pool({ connectionString: url, max: 1 });
    const { rows } = await pool.query<{ role: string }>(
      `select distinct usename as role from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and application_name <> ''`,
    );
    await pool.end();
    return rows.map(({ role }) => role).join();
  };
  const services = new Set(behind.platform.processes.map(({ service }) => service.replaceAll('-', '_')));
  expect((await Promise.all(behind.platform.databases.map(rolesIn))).sort()).toEqual([...services].sort());
});

it('ends in order when it is told to', async () => {
  await one.process.stop();
  expect(one.process.exitCode).toBe(0);
});
