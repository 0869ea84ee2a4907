import { randomUUID } from 'node:crypto';
import { KeyRotation } from '@isthmus/service-kit';
import { eventually, keyRing } from '@isthmus/testing';
import { Webhook } from 'standardwebhooks';
import { startReceiver, type Receiver } from '../../test/receiver.fixture.ts';
import {
  subscriptionChanged,
  runWebhooks,
  type Json,
  type RunningWebhooks,
} from '../../test/webhooks.fixture.ts';

let webhooks: RunningWebhooks;
let receiver: Receiver;
beforeAll(async () => {
  webhooks = await runWebhooks({ WEBHOOK_MAX_ENDPOINTS: '5' });
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await webhooks.stop();
});
afterEach(async () => {
  await webhooks.pool.query('delete from endpoints');
  receiver.received.length = 0;
});

const all = '/v1/webhook-endpoints';
const at = ({ id }: Json) => `${all}/${id as string}`;

it('shows the secret when it makes it and never again, and stores it sealed', async () => {
  const made = await webhooks.call('POST', all, { url: receiver.url, description: 'ERP' });
  expect(made).toMatchObject({ status: 201, body: { eventTypes: ['*'], status: 'enabled', version: 1 } });
  expect(made.headers.get('location')).toBe(at(made.body));
  expect(made.headers.get('cache-control')).toBe('no-store');
  const { secret } = made.body;
  expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
  const seen = await Promise.all([all, at(made.body)].map((path) => webhooks.call('GET', path)));
  const { rows } = await webhooks.pool.query('select row_to_json(s) from endpoint_secrets s');
  const outbox = await webhooks.pool.query('select row_to_json(o) from outbox o');
  expect(JSON.stringify([seen, rows, outbox.rows])).not.toContain(secret.slice(6, 40));
  expect(seen[0]!.body.data).toMatchObject([{ id: made.body.id, description: 'ERP' }]);
});

it('signs with both secrets while one takes over from the other, and with no older one', async () => {
  const { secret: first, ...endpoint } = await webhooks.endpoint(receiver.url);
  const rotated = [
    await webhooks.call('POST', `${at(endpoint)}/rotate-secret`),
    await webhooks.call('POST', `${at(endpoint)}/rotate-secret`),
  ] as const;
  expect(rotated.map(({ headers }) => headers.get('cache-control'))).toEqual(['no-store', 'no-store']);
  const [{ body: second }, { body: third }] = rotated;
  expect(Date.parse(third.previousExpiresAt) - Date.now()).toBeGreaterThan(86_000_000);
  await webhooks.publish(subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  await eventually(() => receiver.received.length === 1);
  expect(receiver.verified(second.secret)).toHaveLength(1);
  expect(receiver.verified(third.secret)).toHaveLength(1);
  expect(() => receiver.verified(first)).toThrow('No matching signature');

  await webhooks.pool.query('update endpoint_secrets set expires_at = now() where expires_at is not null');
  await webhooks.publish(subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  await eventually(() => receiver.received.length === 2);
  const { text, headers } = receiver.received[1]!;
  expect(() => new Webhook(second.secret).verify(text, headers as never)).toThrow('No matching signature');
  expect(new Webhook(third.secret).verify(text, headers as never)).toBeDefined();
});

it('is tried out with a signed test event, also while it is disabled, and the log stays as it is', async () => {
  const { secret, ...endpoint } = await webhooks.endpoint(receiver.url);
  receiver.respond = () => ({ status: 418, body: 'a teapot' });
  await webhooks.call('POST', `${at(endpoint)}/disable`);
  const { status, body } = await webhooks.call('POST', `${at(endpoint)}/test`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ delivered: false, status: 418, responseHead: 'a teapot', error: null });
  expect(JSON.stringify(body)).not.toContain(receiver.received[0]!.headers['webhook-signature'] as string);
  expect(receiver.verified(secret)[0]).toMatchObject({ type: 'webhooks.test', subject: endpoint.id });
  receiver.respond = () => ({ status: 204 });
  expect((await webhooks.call('POST', `${at(endpoint)}/test`)).body).toMatchObject({ delivered: true });
  expect((await webhooks.call('GET', `${at(endpoint)}/deliveries`)).body.data).toEqual([]);
});

it.each([
  ['no URL', { url: 'hooks' }, 'url'],
  ['no web address', { url: 'ftp://hooks.example/' }, 'url'],
  ['a password in the URL', { url: 'https://me:pw@hooks.example/' }, 'url'],
  [
    'an event nobody says',
    { url: 'https://hooks.example/', eventTypes: ['account-sync.closed'] },
    'eventTypes[0]',
  ],
  ['no event at all', { url: 'https://hooks.example/', eventTypes: [] }, 'eventTypes'],
  ['what it does not know', { url: 'https://hooks.example/', secret: 'mine' }, 'secret'],
])('refuses %s', async (_, body, field) => {
  const answer = await webhooks.call('POST', all, body);
  expect(answer.status).toBe(400);
  expect(answer.body.errors[0].field).toBe(field);
  expect((await webhooks.call('GET', all)).body.data).toEqual([]);
});

it('takes no private address and no http where that is not allowed', async () => {
  const strict = await webhooks.replica({ ALLOW_PRIVATE_ADDRESSES: 'no' });
  for (const url of [receiver.url, 'https://10.0.0.1/', 'https://localhost/', 'http://hooks.example/']) {
    const answer = await webhooks.call('POST', strict.url + all, { url });
    expect(answer.status).toBe(400);
  }
});

it('changes what is named, when its version is, and refuses what it may not become', async () => {
  const endpoint = await webhooks.endpoint(receiver.url);
  const patch = (body: object, version: number) =>
    webhooks.call('PATCH', at(endpoint), body, {}, { 'if-match': `"${version}"` });
  expect(await patch({ description: 'new' }, 1)).toMatchObject({
    status: 200,
    body: { description: 'new', url: receiver.url, version: 2 },
  });
  expect((await patch({ description: 'late' }, 1)).status).toBe(412);
  expect((await patch({ url: 'nothing' }, 2)).status).toBe(400);
  expect((await patch({ eventTypes: null as never }, 2)).status).toBe(400);
  expect((await webhooks.call('GET', at(endpoint))).body).toMatchObject({ description: 'new', version: 2 });
  expect((await webhooks.call('POST', `${at(endpoint)}/enable`)).status).toBe(409);
  expect((await webhooks.call('DELETE', at(endpoint))).status).toBe(204);
  expect((await webhooks.call('GET', at(endpoint))).status).toBe(404);
});

it('has at most so many, in pages', async () => {
  const made = [];
  for (let n = 0; n < 5; n += 1) made.push((await webhooks.endpoint(receiver.url)).id);
  expect(await webhooks.call('POST', all, { url: receiver.url })).toMatchObject({ status: 409 });
  const first = (await webhooks.call('GET', `${all}?limit=3`)).body;
  const rest = (await webhooks.call('GET', `${all}?limit=3&cursor=${first.nextCursor}`)).body;
  expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(made);
  expect(rest.nextCursor).toBeNull();
});

it('shows nothing of it to another tenant, and lets nobody do more than their role', async () => {
  const endpoint = await webhooks.endpoint(receiver.url);
  const event = subscriptionChanged(webhooks.tenantId, randomUUID(), 1);
  await webhooks.publish(event);
  const [delivery] = await eventually(async () => {
    const { data } = (await webhooks.call('GET', `${at(endpoint)}/deliveries`)).body;
    return data.length > 0 && data;
  });
  const reads = [at(endpoint), `${at(endpoint)}/deliveries`, `/v1/deliveries/${delivery.id}`];
  const works = [`${at(endpoint)}/recover`, `/v1/deliveries/${delivery.id}/resend`, `${at(endpoint)}/replay`];
  const rules = ['test', 'rotate-secret', 'disable', 'enable'].map((action) => `${at(endpoint)}/${action}`);
  const body = { since: '2026-01-01T00:00:00Z' };
  const post = (path: string, as: object) =>
    webhooks.call('POST', path, path.endsWith('replay') ? body : undefined, as);

  const stranger = { tenant: randomUUID(), roles: ['admin'] };
  for (const path of reads) expect((await webhooks.call('GET', path, undefined, stranger)).status).toBe(404);
  for (const path of [...works, ...rules]) expect((await post(path, stranger)).status).toBe(404);
  expect((await webhooks.call('GET', all, undefined, stranger)).body.data).toEqual([]);

  for (const path of reads)
    expect((await webhooks.call('GET', path, undefined, { roles: ['viewer'] })).status).toBe(200);
  for (const path of works) {
    expect((await post(path, { roles: ['viewer'] })).status).toBe(403);
    expect((await post(path, { roles: ['operator'] })).status).toBe(202);
  }
  for (const path of rules) expect((await post(path, { roles: ['operator'] })).status).toBe(403);
  expect((await webhooks.call('POST', all, { url: receiver.url }, { roles: ['operator'] })).status).toBe(403);
});

it('moves secrets to a new key once every instance uses it, and signs with them as before', async () => {
  const keys = (current: string) =>
    JSON.stringify({ ...(JSON.parse(keyRing('k1', 'k2')) as object), current });
  const old = await runWebhooks({ WEBHOOK_SECRET_RING: keys('k1') });
  try {
    const { id, secret } = await old.endpoint(receiver.url);
    const { tenantId } = old;
    const sealed = async () =>
      (await old.pool.query('select sealed from endpoint_secrets where endpoint_id = $1', [id])).rows[0]
        .sealed;
    const other = await old.replica({ WEBHOOK_SECRET_RING: keys('k2') });
    expect(await other.get(KeyRotation).resealAll()).toBe(0);
    expect(await sealed()).toMatch(/^s1\.k1\./);
    await old.service.close();
    await other.get(KeyRotation).resealAll();
    expect(await sealed()).toMatch(/^s1\.k2\./);
    receiver.received.length = 0;
    const test = `${other.url}/v1/webhook-endpoints/${id}/test`;
    const { body } = await old.call('POST', test, undefined, { tenant: tenantId });
    expect(body).toMatchObject({ delivered: true });
    expect(receiver.verified(secret)).toHaveLength(1);
  } finally {
    await old.stop();
  }
});

it('shows where an endpoint is, and not what is secret about it: its query, what an echo repeats', async () => {
  const url = `${receiver.url}?token=CANARY-query&n=1`;
  const made = await webhooks.endpoint(url);
  receiver.respond = ({ headers }) => ({
    status: 200,
    body: `${String(headers['webhook-signature'])} CANARY-query hello`,
  });
  const test = await webhooks.call('POST', `${at(made)}/test`);
  expect(test.body).toMatchObject({ delivered: true, url: `${receiver.url}?***` });
  expect(test.body.responseHead).toBe('*** *** hello');
  const shown = [made, test.body];
  for (const path of [all, at(made), `${at(made)}/deliveries`]) {
    const { body } = await webhooks.call('GET', path, undefined, { roles: ['viewer'] });
    shown.push(body);
    for (const { id } of path.endsWith('deliveries') ? body.data : [])
      shown.push((await webhooks.call('GET', `/v1/deliveries/${id}`)).body);
  }
  expect(JSON.stringify(shown)).not.toContain('CANARY');
  const { url: masked } = (await webhooks.call('GET', at(made))).body;
  expect(masked).toBe(`${receiver.url}?***`);
  const ifMatch = { 'if-match': `"${made.version}"` };
  const back = await webhooks.call('PATCH', at(made), { url: masked }, {}, ifMatch);
  expect([back.status, back.body.errors[0].field]).toEqual([400, 'url']);
  receiver.respond = () => ({ status: 204 });
});

it('lets a tenant have as many endpoints as are allowed, however many it asks for at once', async () => {
  const replies = await Promise.all(
    Array.from({ length: 30 }, () => webhooks.call('POST', all, { url: receiver.url })),
  );
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(5);
  expect(replies.filter(({ status }) => status === 409)).toHaveLength(25);
  expect((await webhooks.call('GET', all)).body.data).toHaveLength(5);
});
