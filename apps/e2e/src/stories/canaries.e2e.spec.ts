import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, connectNats, eventProbe, eventually, type EventProbe } from '@isthmus/testing';
import { Client } from 'pg';
import { createConnector, orderEnded, place, startRun, subscriptionsLike, sync } from '../platform/acts.ts';
import { CanarySearch, spellings } from '../platform/canaries.ts';
import { startEchoingCmp } from '../platform/echoing-cmp.ts';
import { type GatewayPlatform, startBehindGateway } from '../platform/gateway.ts';
import type { HttpAnswer, Untyped } from '../platform/http-client.ts';
import { traceSink, webhookReceiver } from '../platform/receivers.ts';
import type { Platform, PlatformClients } from '../platform/start-platform.ts';

const account = {
  username: 'reseller.api',
  password: `Canary's "p\u00e4ss" & <w\u00f6rd>+${randomUUID().slice(0, 8)}`,
  subscriptionKey: randomUUID().replaceAll('-', ''),
  accountId: '77',
};
const sessionToken = `Sess_${randomUUID().replaceAll('-', '').slice(0, 20)}.opaque~tokenX`;
const signature = `sv=1&sig=${randomUUID().replaceAll('-', '')}+/=`;
const urlSecret = `hookquery${randomUUID().replaceAll('-', '')}`;
const pathSecret = `T0K3N${randomUUID().replaceAll('-', '')}`;

let folder: string;
let since: number;
let behind: GatewayPlatform;
let platform: Platform;
let sink: Awaited<ReturnType<typeof traceSink>>;
let cmp: Awaited<ReturnType<typeof startEchoingCmp>>;
let receiver: Awaited<ReturnType<typeof webhookReceiver>>;
let probe: EventProbe;
let user: PlatformClients;
/** Bodies of problems, and of everything else that is not meant to show a secret. */
const answers: string[] = [];
const canaries: Record<string, string> = {
  password: account.password,
  'subscription key': account.subscriptionKey,
  'session token': sessionToken,
  'signature of a link': signature,
};

beforeAll(async () => {
  since = Date.now() - 1_000;
  folder = await mkdtemp(join(tmpdir(), 'isthmus-canaries-'));
  [sink, cmp, receiver] = await Promise.all([
    traceSink(),
    startEchoingCmp(account, sessionToken, signature),
    webhookReceiver(),
  ]);
  behind = await startBehindGateway({
    catalog: true,
    lifecycle: true,
    restProvider: true,
    webhooks: true,
    natsFolder: folder,
    env: {
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_SAMPLE_RATIO: '1',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      ORDER_POLL_MS: '100',
      WEBHOOK_POLL_MS: '50',
      VERIFY_DEADLINE_MS: '60000',
    },
  });
  platform = behind.platform;
  probe = await eventProbe(platform.nats.url);
  user = await platform.as();
  canaries['access token'] = user.connectors.token.split('.')[2]!;
  platform.ringKeys.forEach((key, index) => (canaries[`key of ring ${index + 1}`] = key));
  canaries["secret of the gateway's client"] = behind.secrets.client;
  canaries["key of the gateway's ring"] = behind.secrets.sessionKey;
});
afterAll(async () => {
  await probe?.close();
  await behind?.stop();
  await Promise.all([sink?.close(), cmp?.close(), receiver?.close()]);
  await rm(folder, { recursive: true, force: true });
});

const shown = <T>(answer: HttpAnswer<T>): T => {
  answers.push(JSON.stringify(answer.body ?? ''));
  return answer.body;
};

const newConnector = (name: string) =>
  createConnector(user, {
    ...account,
    name,
    apiUrl: cmp.apiUrl,
    country: 'DE',
    currency: 'EUR',
    schedule: { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 },
    callLimit: { perMinute: null, perDay: null },
  });

async function catalogueSync(connectorId: string): Promise<Untyped> {
  const started = await eventually(async () => {
    const key = { 'idempotency-key': randomUUID() };
    const { status, body } = await user.catalog.post('/v1/catalog-syncs', { connectorId }, key);
    if (status !== 202) throw new Error(JSON.stringify(body));
    return body;
  });
  return eventually(
    async () => {
      const { body } = await user.catalog.get(`/v1/catalog-syncs/${started.id}`);
      return ['queued', 'running'].includes(body.status) ? undefined : shown({ ...started, body });
    },
    { everyMs: 100 },
  );
}

/** Lengths of what is sealed in the open sessions. */
async function sealedInSessions(): Promise<number[]> {
  const client = new Client({ connectionString: behind.database });
  await client.connect();
  try {
    const { rows } = await client.query<{ length: number }>('select length(sealed) as length from sessions');
    return rows.map(({ length }) => length);
  } finally {
    await client.end();
  }
}

it('lets people and programs do everything, while CMP shows in its errors what it was sent', async () => {
  // Verifications that fail at the token and after it, with the secrets in every spelling.
  const { id: verified } = await newConnector('Verified');
  for (const [path, status] of [
    ['/token', 400],
    ['/customers', 500],
    ['/customers', 400],
    ['/customers', 403],
  ] as const)
    for (const spelling of Object.keys(spellings)) {
      cmp.spelling = [spelling];
      cmp.failure = (_, asked) => (asked === path ? status : undefined);
      const { ok, steps } = shown(await user.connectors.post(`/v1/connectors/${verified}/verify`));
      expect([ok, steps.at(-1).detail]).toEqual([false, expect.stringContaining('[redacted]')]);
    }
  shown(await user.connectors.get(`/v1/connectors/${verified}`));
  cmp.spelling = Object.keys(spellings);

  // Runs that fail; the connector is paused with the reason.
  for (const status of [400, 401, 403]) {
    const { id: connectorId } = await newConnector(`Failing by ${status}`);
    cmp.failure = (_, path) => (path === '/customers' ? status : undefined);
    const run = await sync(user.accounts, { connectorId, scope: 'accounts' });
    expect(run).toMatchObject({
      status: 'failed',
      failure: { detail: expect.stringContaining('[redacted]') },
    });
    shown(await user.accounts.get(`/v1/sync-runs/${run.id}`));
    shown(await user.connectors.get(`/v1/connectors/${connectorId}`));
  }
  for (const status of [400, 401, 403]) {
    const { id: connectorId } = await newConnector(`Without products by ${status}`);
    cmp.failure = (_, path) => (path === '/products' ? status : undefined);
    const run = await catalogueSync(connectorId);
    expect(run).toMatchObject({
      status: 'failed',
      failure: { detail: expect.stringContaining('[redacted]') },
    });
    shown(await user.catalog.get(`/v1/catalog-syncs/${run.id}/records`));
  }
  cmp.failure = () => undefined;

  // An endpoint whose address has secrets, and everything that goes there.
  const url = `${receiver.url}/${pathSecret}?secret=${urlSecret}`;
  const { body: endpoint } = await user.webhooks.post('/v1/webhook-endpoints', { url });
  canaries['signing secret'] = endpoint.secret.replace(/^whsec_/, '');
  const { id: connectorId } = await newConnector('Sound');
  const { body: issued } = await user.connectors.post(`/v1/connectors/${connectorId}/api-keys`, {
    label: 'W',
  });
  canaries['API key'] = issued.key;
  expect(await sync(user.accounts, { connectorId, scope: 'accounts' })).toMatchObject({
    status: 'succeeded',
  });
  await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });
  expect(await catalogueSync(connectorId)).toMatchObject({ status: 'succeeded', counts: { appeared: 1 } });
  shown(await user.catalog.get(`/v1/part-numbers?connectorId=${connectorId}`));
  const reports = await startRun(user.accounts, { connectorId, scope: 'reports', depth: 'full' });
  await eventually(async () => {
    const { body } = await user.accounts.get('/v1/rated-reports?status=failed');
    return shown({ status: 200, headers: new Headers(), body }).data.length > 0;
  });
  shown(await user.accounts.get(`/v1/sync-runs/${reports.id}/records`));

  // Work 365 with its key, with others, and with none.
  const restProvider = platform.restProvider!.url;
  for (const key of [issued.key, `${issued.key}x`, 'no-key', undefined]) {
    const headers: Record<string, string> = key ? { 'work-365-rest-provider-api-key': key } : {};
    answers.push(await (await fetch(`${restProvider}/customers?secret=${urlSecret}`, { headers })).text());
  }

  // Orders that CMP refuses, and of which it says nothing certain.
  const [subscription] = await subscriptionsLike(user, 1, () => true);
  const order = () => ({
    kind: 'change-quantity',
    subscriptionId: subscription.id,
    seats: subscription.lines[0].quantity + 1,
  });
  cmp.failure = (method, path) => (method === 'POST' && path.startsWith('/orders') ? 400 : undefined);
  const refused = await place(user, order());
  shown(refused);
  expect(refused.status).toBe(202);
  const ended = await orderEnded(user, refused.body.id);
  answers.push(JSON.stringify(ended));
  expect(ended).toMatchObject({
    status: 'refused',
    reason: { detail: expect.stringContaining('[redacted]') },
  });
  expect(cmp.echoed).toBeGreaterThan(50);

  // A person in a browser, who also makes mistakes and signs out.
  const { url: origin } = behind.gateway;
  const browser = new Browser();
  answers.push((await browser.signIn(origin, 'Contoso CSP: admin')).text);
  [...browser.cookies.values()].forEach((value, index) => (canaries[`cookie ${index + 1}`] = value));
  for (const path of [
    '/v1/me',
    '/v1/overview',
    '/v1/search?q=Sound',
    '/v1/audit',
    '/v1/nothing',
    '/auth/callback?code=x',
  ])
    answers.push((await browser.open(`${origin}${path}`)).text);
  // Both tokens of the identity provider.
  expect(await sealedInSessions()).toEqual([expect.any(Number)]);
  expect((await sealedInSessions())[0]).toBeGreaterThan(500);
  const { json: me } = await browser.open(`${origin}/v1/me`);
  const left = await browser.open(`${origin}/auth/logout`, {
    method: 'POST',
    headers: { 'x-csrf': me.csrf, origin },
  });
  expect(left.status).toBeLessThan(400);

  // Callers nobody knows, and inputs nobody takes.
  const stranger = await fetch(`${user.connectors.baseUrl}/v1/connectors?token=${urlSecret}`);
  answers.push(await stranger.text());
  shown(await user.connectors.post('/v1/connectors', { ...account, apiUrl: 'nonsense' }));
  shown(await user.webhooks.get('/v1/webhook-endpoints?secret=' + urlSecret));
  await eventually(() => receiver.received.length > 3);
  await eventually(() => probe.of('connector-config.connector-paused.v1').length > 0);
  // Spans and logs are written a little later.
  await eventually(() => sink.bodies.some((body) => body.includes('deliver ')));
});

it('leaves no secret in tables, the write-ahead log, streams, logs, spans, problems and events', async () => {
  const search = new CanarySearch(canaries);
  for (const url of [...platform.databases, behind.database]) {
    await search.tables(url);
    await search.wal(url, since);
  }
  await search.folder('stream', folder);
  const told = new CanarySearch({
    ...canaries,
    'query of an address': urlSecret,
    'path of an address': pathSecret,
  });
  for (const one of [...platform.processes, behind.gateway]) told.text(`log of ${one.name}`, one.log);
  for (const { name, url } of [...platform.processes, behind.gateway]) {
    const metrics = await fetch(`${url}/metrics`);
    expect([name, metrics.status]).toEqual([name, 200]);
    told.text(`metrics of ${name}`, await metrics.text());
  }
  for (const body of sink.bodies) told.text('span', body);
  // An endpoint is shown with its address, to those who may see it.
  for (const answer of answers) search.text('answer', answer);
  for (const event of probe.events) told.text(`event ${event.subject}`, JSON.stringify(event));
  for (const { body } of receiver.received) told.text('webhook', body);

  expect([...search.found, ...told.found]).toEqual([]);
  for (const place of ['table', 'wal', 'stream', 'answer'])
    expect(search.looked[place]).toBeGreaterThan(1_000);
  for (const place of ['log', 'metrics', 'span', 'event', 'webhook'])
    expect(told.looked[place]).toBeGreaterThan(1_000);
  // No event has the words of CMP, however harmless.
  expect(probe.events.filter(({ data }) => /CMP said: "/.test(JSON.stringify(data)))).toEqual([]);
});

it('would find one: in any spelling, and in each of these places', async () => {
  const planted = `Planted&secret/${randomUUID()}+`;
  for (const [how, spell] of Object.entries(spellings)) {
    const search = new CanarySearch({ planted });
    search.text('text', `before ${spell(planted)} after`);
    expect(search.found.join()).toContain(`text: planted, `);
    expect(how).toBeTruthy();
  }
  const client = new Client({ connectionString: platform.databases[0] });
  await client.connect();
  await client.query('create table planted (id int, text text)');
  await client.query('insert into planted values (1, $1)', [Buffer.from(planted).toString('base64')]);
  await client.end();
  const nats = await connectNats(platform.nats.url, { keys: platform.nats.keys });
  await nats.request('account-sync.planted.v1', JSON.stringify({ planted: planted.toUpperCase() }));
  await nats.close();

  const search = new CanarySearch({ planted });
  await search.tables(platform.databases[0]!);
  await search.wal(platform.databases[0]!, since);
  await eventually(async () => {
    await search.folder('stream', folder);
    return search.found.some((place) => place.startsWith('stream '));
  });
  expect(search.found).toEqual(
    expect.arrayContaining([
      'table public.planted: planted, base64',
      expect.stringMatching(/^wal \w+: planted, base64$/),
      expect.stringMatching(/^stream .*: planted, plain$/),
    ]),
  );
});
