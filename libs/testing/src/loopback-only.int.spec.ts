import dns, { lookup } from 'node:dns';
import { lookup as lookupLater, Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Agent, request } from 'undici';
import { spawnTied } from '../servers/index.mjs';
import { takeBlocked } from '../servers/loopback-only.mjs';

// Addresses for documentation: should the guard be gone, nobody is there either.
const [outside, outside6] = ['192.0.2.1', '2001:db8::1'];

const failed = async (socket: Socket): Promise<never> => {
  const [error] = (await once(socket, 'error')) as [Error];
  throw error;
};
/** What the check of outbound addresses would be with its decision left out. */
const checksNothing = (address: string) =>
  new Agent({
    connect: {
      timeout: 300,
      lookup: (_name, options, done) =>
        options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4),
    },
  });

it.each<[string, () => unknown, string]>([
  ['an address', () => failed(connect({ host: outside, port: 80, timeout: 300 })), outside],
  ['an address, as arguments', () => failed(connect(443, outside)), outside],
  ['an address of IPv6', () => failed(connect({ host: outside6, port: 80 })), outside6],
  ['an IPv4 address within one of IPv6', () => failed(connect(80, `::ffff:${outside}`)), outside],
  ['an address, by TLS', () => failed(connectTls({ host: outside, port: 443 })), outside],
  ['an address, by fetch', () => fetch(`https://${outside}/`), outside],
  ['an address, by http', () => once(get(`http://${outside}/`), 'response'), outside],
  ['a name, by fetch', () => fetch('https://hooks.outside.example/'), 'hooks.outside.example'],
  ['a name, by undici', () => request('https://api.outside.example/'), 'api.outside.example'],
  ['a name of the network', () => failed(connect({ host: 'postgres', port: 5432 })), 'postgres'],
  [
    'what a look-up from a table gives, when the check of it is broken',
    () => request('http://harmless.test/', { dispatcher: checksNothing(outside) }),
    outside,
  ],
  [
    'a look-up',
    () => new Promise((_, fail) => lookup('a.outside.example', (error) => fail(error!))),
    'a.outside.example',
  ],
  [
    'a look-up by another import',
    () => new Promise((_, fail) => dns.lookup('b.outside.example', { all: true }, (error) => fail(error!))),
    'b.outside.example',
  ],
  ['a look-up by a promise', () => lookupLater('c.outside.example'), 'c.outside.example'],
  ['a query', () => dns.promises.resolve4('d.outside.example'), 'd.outside.example'],
  ['a query by a resolver', () => new Resolver().resolveTxt('e.outside.example'), 'e.outside.example'],
  [
    'a query by a callback',
    () => new Promise((_, fail) => dns.resolve('f.outside.example', (error) => fail(error!))),
    'f.outside.example',
  ],
])('blocks %s at once', async (_, reach, where) => {
  const begun = performance.now();
  const error: unknown = await Promise.resolve()
    .then(reach)
    .catch((caught: unknown) => caught);
  const cause = (error as Error).cause ?? error;
  expect(cause).toMatchObject({
    code: 'ERR_LOOPBACK_ONLY',
    message: expect.stringContaining('Use a server on 127.0.0.1, or a look-up from a table.'),
  });
  expect((cause as Error).message).toContain(where);
  // Far below the pauses of a connection that nobody answers.
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(takeBlocked().join()).toContain(where);
});

it('leaves this machine alone: by address, by name, with a table', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]'])
    expect((await request(`http://${host}:${port}/`)).statusCode).toBe(204);
  const dispatcher = checksNothing('127.0.0.1');
  expect((await request(`http://harmless.test:${port}/`, { dispatcher })).statusCode).toBe(204);
  server.close();
  await expect(lookupLater('cmp.invalid')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(takeBlocked()).toEqual([]);
});

it('goes with the processes of Node that a spec starts, and with theirs', async () => {
  const reach = `fetch('https://child.outside.example/').catch(({ cause }) => console.log(cause.code))`;
  const nested = `
    require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(reach.replace('child', 'grandchild'))}], { stdio: 'inherit' });
    ${reach}`;
  const child = spawnTied(process.execPath, ['-e', nested], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout!.on('data', (chunk) => (said += String(chunk)));
  await once(child, 'close');
  expect(said.trim().split('\n')).toEqual(['ERR_LOOPBACK_ONLY', 'ERR_LOOPBACK_ONLY']);
  const blocked = takeBlocked().join();
  expect(blocked).toContain('a look-up of child.outside.example');
  expect(blocked).toContain('a look-up of grandchild.outside.example');
});
