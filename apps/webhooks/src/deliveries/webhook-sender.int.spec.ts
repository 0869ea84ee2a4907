import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { outboundDispatcher } from '@isthmus/service-kit';
import { eventually } from '@isthmus/testing';
import { startReceiver, type Receiver } from '../../test/receiver.fixture.ts';
import { runWebhooks, subscriptionChanged } from '../../test/webhooks.fixture.ts';
import { SendAborted } from './attempt.ts';
import { postWebhook } from './webhook-sender.service.ts';

const local = outboundDispatcher({ allowPrivateAddresses: true, ports: [] });
const never = new AbortController().signal;
let receiver: Receiver;
let raw: Server;
let reply = '';
beforeAll(async () => {
  receiver = await startReceiver();
  raw = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(reply));
  }).listen(0, '127.0.0.1');
  await once(raw, 'listening');
});
afterAll(async () => {
  await local.destroy();
  await receiver.close();
  raw.close();
});

const rawUrl = (scheme = 'http') => `${scheme}://127.0.0.1:${(raw.address() as AddressInfo).port}/`;
const post = (url: string, dispatcher = local, timeoutMs = 20_000) =>
  postWebhook(dispatcher, { url, headers: { 'webhook-id': 'x' }, body: '{}', timeoutMs }, never);

it('sends nothing to a private address where that is not allowed, whatever was allowed when it was entered', async () => {
  const ports = [Number(new URL(receiver.url).port)];
  const strict = outboundDispatcher({ allowPrivateAddresses: false, ports });
  expect(await post(receiver.url, strict)).toMatchObject({ error: 'blocked-address' });
  expect(await post(receiver.url.replace('127.0.0.1', 'localhost'), strict)).toMatchObject({
    error: 'blocked-address',
  });
  expect(receiver.received).toHaveLength(0);
});

it('delivers nothing to a private address that is stored, by number or by name, where only public ones are allowed', async () => {
  const connections: unknown[] = [];
  const inside = createServer((socket) => connections.push(socket.destroy())).listen(0, '127.0.0.1');
  await once(inside, 'listening');
  const { port } = inside.address() as AddressInfo;
  const webhooks = await runWebhooks({
    ALLOW_PRIVATE_ADDRESSES: 'no',
    OUTBOUND_PORTS: `443,${port}`,
    WEBHOOK_RETRY_SECONDS: '0',
  });
  try {
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
      const { id } = await webhooks.endpoint('https://hooks.partner.example/');
      await webhooks.pool.query('update endpoints set url = $1 where id = $2', [
        `https://${host}:${port}/`,
        id,
      ]);
      await webhooks.publish(subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
      const delivery = await eventually(async () => {
        const { body } = await webhooks.call('GET', `/v1/webhook-endpoints/${id}/deliveries`);
        return body.data.find(({ attempts }: { attempts: number }) => attempts > 0);
      });
      const { log } = (await webhooks.call('GET', `/v1/deliveries/${delivery.id}`)).body;
      expect(log).toMatchObject([{ error: 'blocked-address' }]);
      await webhooks.call('DELETE', `/v1/webhook-endpoints/${id}`);
    }
    expect(connections).toEqual([]);
  } finally {
    await webhooks.stop();
    inside.close();
  }
});

it.each([
  ['speaks no HTTP', 'SSH-2.0-OpenSSH\r\n', 'http', { error: 'not-http' }, undefined],
  ['speaks no TLS', 'HTTP/1.1 200 OK\r\n\r\n', 'https', { error: 'tls' }, undefined],
  ['begins and stops', 'HTTP/1.1 20', 'http', { error: 'timeout' }, 400],
])('one that %s: %p', async (_, answer, scheme, expected, timeoutMs) => {
  reply = answer;
  expect(await post(rawUrl(scheme), local, timeoutMs)).toMatchObject(expected);
});

it('has delivered when the status is there, though the body never ends', async () => {
  reply = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthanks';
  expect(await post(rawUrl(), local, 400)).toMatchObject({ status: 200 });
});

it('takes no more than the head of an endless answer', async () => {
  reply = `HTTP/1.1 500 Oops\r\ncontent-length: 100000000\r\n\r\n${'x'.repeat(5_000)}`;
  const { status, responseHead, durationMs } = await post(rawUrl());
  expect([status, responseHead?.length]).toEqual([500, 1024]);
  expect(durationMs).toBeLessThan(20_000);
});

it.each([
  ['a body', 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n', 'x', { status: 200 }],
  ['an error', 'HTTP/1.1 500 Oops\r\n\r\n', 'x', { status: 500 }],
  ['headers', 'HTTP/1.1 200 OK\r\n', `x: ${'y'.repeat(1_000)}\r\n`, { error: expect.any(String) }],
  ['interim answers', '', 'HTTP/1.1 103 Early Hints\r\n\r\n', { error: expect.any(String) }],
])('stops reading %s without an end, however fast it comes', async (_, first, again, expected) => {
  let served = 0;
  let ended!: Promise<unknown>;
  const endless = createServer((socket) => {
    ended = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    const more = Buffer.from(again.repeat(Math.ceil(65_536 / again.length)));
    const push = () => {
      for (let taken = true; taken && !socket.destroyed; served += more.length) taken = socket.write(more);
    };
    socket.once('data', () => {
      socket.on('drain', push);
      socket.write(first);
      push();
    });
  }).listen(0, '127.0.0.1');
  await once(endless, 'listening');
  const url = `http://127.0.0.1:${(endless.address() as AddressInfo).port}/`;
  const result = await post(url, local, 2_000);
  await ended;
  endless.close();
  expect(result).toMatchObject(expected);
  expect(result.responseHead?.length ?? 0).toBeLessThanOrEqual(1024);
  // What nobody reads fills the sockets; interim answers are read and dropped until the time is up.
  if (again !== 'HTTP/1.1 103 Early Hints\r\n\r\n') expect(served).toBeLessThan(8_000_000);
});

it('knows nothing of what it gave up by itself', async () => {
  receiver.respond = () => 'hang';
  const stop = new AbortController();
  const posting = postWebhook(
    local,
    { url: receiver.url, headers: {}, body: '{}', timeoutMs: 5_000 },
    stop.signal,
  );
  setTimeout(() => stop.abort(), 50);
  await expect(posting).rejects.toThrow(SendAborted);
});
