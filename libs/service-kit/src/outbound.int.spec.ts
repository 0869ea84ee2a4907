import type { lookup as Lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { outboundDispatcher } from './outbound.ts';

let server: Server;
let port: number;
let hits = 0;
beforeAll(async () => {
  server = createServer((incoming, answer) => {
    hits += 1;
    if (incoming.url === '/away') answer.writeHead(302, { location: `http://127.0.0.1:${port}/secret` });
    answer.end('inside');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());
beforeEach(() => {
  hits = 0;
});

const resolvesTo = (...addresses: string[]): typeof Lookup =>
  ((_: string, __: unknown, callback: (error: null, all: { address: string; family: number }[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof Lookup;

const strict = (lookup?: typeof Lookup) =>
  outboundDispatcher({ allowPrivateAddresses: false, connectTimeoutMs: 300, lookup });

it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]'])('refuses the literal address %s', async (host) => {
  await expect(request(`http://${host}:${port}/`, { dispatcher: strict() })).rejects.toMatchObject({
    code: 'ERR_BLOCKED_ADDRESS',
  });
  expect(hits).toBe(0);
});

it('refuses a name that resolves to a private address, also when it is one of several', async () => {
  for (const lookup of [
    resolvesTo('127.0.0.1'),
    resolvesTo('1.1.1.1', '10.0.0.1'),
    resolvesTo('::ffff:169.254.169.254'),
  ]) {
    await expect(
      request(`http://harmless.test:${port}/`, { dispatcher: strict(lookup) }),
    ).rejects.toMatchObject({
      code: 'ERR_BLOCKED_ADDRESS',
      host: 'harmless.test',
    });
  }
  expect(hits).toBe(0);
});

it('asks the resolver once per connection and connects to what was checked', async () => {
  let requested = 0;
  const flipping = ((name: string, options: unknown, callback: never) => {
    requested += 1;
    resolvesTo(requested === 1 ? '192.0.2.1' : '127.0.0.1')(name, options as never, callback);
  }) as unknown as typeof Lookup;
  await expect(request(`http://rebinding.test:${port}/`, { dispatcher: strict(flipping) })).rejects.toThrow();
  expect(hits).toBe(0);
});

it('reaches private addresses where that is allowed, and does not follow redirects', async () => {
  const dispatcher = outboundDispatcher({ allowPrivateAddresses: true });
  const answer = await request(`http://localhost:${port}/away`, { dispatcher });
  expect(answer.statusCode).toBe(302);
  await answer.body.dump();
  expect(hits).toBe(1);
  await dispatcher.close();
});
