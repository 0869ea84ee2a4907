import type { lookup as Lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { outboundAddresses, outboundDispatcher } from './outbound.ts';

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

// Nothing here may connect to anything but this machine, not even when the guard fails: what a name with a public address
// leads to is only looked up.
const strict = (lookup?: typeof Lookup, ports = [port]) =>
  outboundDispatcher({ allowPrivateAddresses: false, ports, connectTimeoutMs: 300, lookup });

it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]'])('refuses the literal address %s', async (host) => {
  await expect(request(`http://${host}:${port}/`, { dispatcher: strict() })).rejects.toMatchObject({
    code: 'ERR_BLOCKED_ADDRESS',
  });
  expect(hits).toBe(0);
});

it('refuses a name that resolves to a private address, also when it is one of several', async () => {
  const blocked = { code: 'ERR_BLOCKED_ADDRESS', host: 'harmless.test' };
  for (const lookup of [resolvesTo('127.0.0.1'), resolvesTo('::1'), resolvesTo('::ffff:127.0.0.1')]) {
    await expect(
      request(`http://harmless.test:${port}/`, { dispatcher: strict(lookup) }),
    ).rejects.toMatchObject(blocked);
  }
  for (const addresses of [
    ['1.1.1.1', '10.0.0.1'],
    ['10.0.0.1', '1.1.1.1'],
    ['2606:4700::1111', '::ffff:169.254.169.254'],
  ]) {
    const looked = outboundAddresses('https://harmless.test/', {
      ports: [443],
      lookup: resolvesTo(...addresses),
    });
    await expect(looked).rejects.toMatchObject(blocked);
  }
  expect(hits).toBe(0);
});

it('tells nobody whether a name leads inside or does not exist', async () => {
  const nobody = ((_: string, __: unknown, callback: (error: Error) => void) =>
    callback(
      Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }),
    )) as unknown as typeof Lookup;
  const failures = [];
  for (const lookup of [nobody, resolvesTo('127.0.0.1'), resolvesTo()]) {
    const failure: unknown = await request(`http://db.test:${port}/`, { dispatcher: strict(lookup) }).catch(
      (error: unknown) => error,
    );
    const { code, message } = failure as Error & { code: string };
    failures.push({ code, message });
  }
  const wrongPort = strict(resolvesTo('127.0.0.1'), [443]);
  const { code, message } = (await request(`http://db.test:${port}/`, { dispatcher: wrongPort }).catch(
    (error: unknown) => error,
  )) as Error & { code: string };
  expect(new Set([...failures, { code, message }].map((one) => JSON.stringify(one))).size).toBe(1);
  expect(message).not.toContain('127.0.0.1');
  expect(hits).toBe(0);
});

it('asks the resolver once per connection and connects to what was checked', async () => {
  let requested = 0;
  const flipping = ((name: string, options: unknown, callback: never) => {
    requested += 1;
    resolvesTo(requested === 1 ? '127.0.0.1' : '1.1.1.1')(name, options as never, callback);
  }) as unknown as typeof Lookup;
  await expect(request(`http://rebinding.test:${port}/`, { dispatcher: strict(flipping) })).rejects.toThrow();
  expect([requested, hits]).toEqual([1, 0]);
  // The answer that was checked is the one that net.connect gets.
  const once = { ports: [443], lookup: flipping };
  expect(await outboundAddresses('https://rebinding.test/', once)).toEqual(['1.1.1.1']);
  expect(requested).toBe(2);
});

it('reaches private addresses where that is allowed, and does not follow redirects', async () => {
  const dispatcher = outboundDispatcher({ allowPrivateAddresses: true, ports: [] });
  const answer = await request(`http://localhost:${port}/away`, { dispatcher });
  expect(answer.statusCode).toBe(302);
  await answer.body.dump();
  expect(hits).toBe(1);
  await dispatcher.close();
});
