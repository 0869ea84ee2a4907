import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { AllowApiKey, type ApiKeyIdentity, type ApiKeyVerifier } from '../auth/access.ts';
import { type Called, type RunningNotes, runNotes } from '../../test/notes.fixture.ts';
import { ServiceEnv } from '../config.ts';
import { Problem } from './problem.ts';
import { RateLimits } from './rate-limits.ts';

let notes: RunningNotes;
afterEach(() => notes.close());

const tenant = crypto.randomUUID();
const statusesOf = (replies: Called[]) => replies.map(({ status }) => status);
/** One after the other, so that it is known which ones are too many. */
const times = async (count: number, send: () => Promise<Called>): Promise<Called[]> => {
  const replies: Called[] = [];
  for (let n = 0; n < count; n += 1) replies.push(await send());
  return replies;
};
const read = (token: string | null, headers: Record<string, string> = {}) =>
  notes.call('GET', '/v1/notes', { token, headers });

it('answers so many requests of a caller, tells how many are left, and then says when to go on', async () => {
  notes = await runNotes({}, { RATE_LIMIT_PER_CALLER: '3' });
  const [ann, bob] = [
    await notes.issuer.token({ tenant, sub: 'ann' }),
    await notes.issuer.token({ tenant, sub: 'bob' }),
  ];
  const replies = await times(4, () => read(ann));
  expect(statusesOf(replies)).toEqual([200, 200, 200, 429]);
  expect(replies.map(({ headers }) => /"caller";r=(\d+);t=\d+/.exec(headers.get('ratelimit')!)![1])).toEqual([
    '2',
    '1',
    '0',
    '0',
  ]);
  expect(replies[0]!.headers.get('ratelimit-policy')).toContain('"caller";q=3;w=60');
  const refused = replies[3]!;
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(refused.body).toMatchObject({
    type: 'urn:isthmus:problem:too-many-requests',
    status: 429,
    'violated-policies': ['caller'],
    nextStep: expect.stringContaining('Retry-After'),
  });
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  expect((await read(bob)).status).toBe(200);
});

it('another token of the same user is the same caller, and the same name in another tenant is another', async () => {
  notes = await runNotes({}, { RATE_LIMIT_PER_CALLER: '2' });
  const token = (more: object = {}) => notes.issuer.token({ tenant, sub: 'ann', ...more });
  await times(2, async () => read(await token({ roles: ['admin'] })));
  expect((await read(await token({ roles: ['viewer'] }))).status).toBe(429);
  expect((await read(await token({ tenant: crypto.randomUUID() }))).status).toBe(200);
});

it('answers so many requests of a tenant, whoever of it calls, and those of other tenants', async () => {
  notes = await runNotes({}, { RATE_LIMIT_PER_TENANT: '3' });
  const of = (name: string, whose = tenant) => notes.issuer.token({ tenant: whose, sub: name });
  const replies: Called[] = [];
  for (const name of ['a', 'b', 'c', 'd']) replies.push(await read(await of(name)));
  expect(statusesOf(replies)).toEqual([200, 200, 200, 429]);
  expect(replies[3]!.body['violated-policies']).toEqual(['tenant']);
  expect((await read(await of('a', crypto.randomUUID()))).status).toBe(200);
});

it('answers so many requests from an address, with or without a token, and every probe of the platform', async () => {
  notes = await runNotes({}, { RATE_LIMIT_PER_ADDRESS: '3' });
  const replies = await times(4, () => read(null));
  expect(statusesOf(replies)).toEqual([401, 401, 401, 429]);
  expect((await notes.call('GET', '/nowhere')).status).toBe(429);
  expect((await notes.call('GET', '/openapi.json', { token: null })).status).toBe(429);
  for (const path of ['/healthz/live', '/healthz/ready', '/metrics'])
    expect((await notes.call('GET', path, { token: null })).status).toBe(200);
});

it('is off where the limit is 0', async () => {
  const none = { RATE_LIMIT_PER_CALLER: '0', RATE_LIMIT_PER_TENANT: '0', RATE_LIMIT_PER_ADDRESS: '0' };
  notes = await runNotes({}, { ...none, AUTH_FAILURES_PER_ADDRESS: '0' });
  const reply = await notes.call('GET', '/v1/notes');
  expect([reply.status, reply.headers.get('ratelimit')]).toEqual([200, null]);
  expect(statusesOf(await times(5, () => read('abc.def.ghi')))).toEqual(Array(5).fill(401));
});

describe('wrong credentials', () => {
  it('are answered so often; then nobody from there is let in but who is known already', async () => {
    notes = await runNotes({}, { AUTH_FAILURES_PER_ADDRESS: '3' });
    const known = await notes.issuer.token();
    expect((await read(known)).status).toBe(200);
    expect(statusesOf(await times(5, () => read('abc.def.ghi')))).toEqual([401, 401, 401, 429, 429]);
    const right = await read(await notes.issuer.token({ sub: 'somebody new' }));
    expect([right.status, right.body['violated-policies']]).toEqual([429, ['failures']]);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await read(known)).status).toBe(200);
    // Without credentials there is nothing to guess.
    expect((await read(null)).status).toBe(401);
  });

  /** A route for API keys, of which one is right and one is known already. */
  function gates() {
    const looked = { up: 0 };
    const holder = { tenantId: tenant, subject: 'Work 365' };
    @Injectable()
    class Keys implements ApiKeyVerifier {
      known = (key: string): ApiKeyIdentity | undefined => (key === 'known' ? holder : undefined);
      verify(key: string | undefined): Promise<ApiKeyIdentity> {
        looked.up += 1;
        if (key === 'right') return Promise.resolve(holder);
        return Promise.reject(new Problem({ status: 403, type: 'api-key', title: 'Wrong' }));
      }
    }
    @AllowApiKey()
    @Controller('gates')
    class Gates {
      @Get()
      open(): object {
        return {};
      }
    }
    @Module({ controllers: [Gates], providers: [Keys] })
    class GatesModule {}
    return { looked, options: { module: GatesModule, apiKeys: { header: 'the-key', verifier: Keys } } };
  }
  const knock = (key: string) => notes.call('GET', '/gates', { token: null, headers: { 'the-key': key } });

  it('of API keys are not even looked up then', async () => {
    const { looked, options } = gates();
    notes = await runNotes(options, { AUTH_FAILURES_PER_ADDRESS: '3' });
    expect((await knock('right')).status).toBe(200);
    expect(statusesOf(await times(5, () => knock(crypto.randomUUID())))).toEqual([403, 403, 403, 429, 429]);
    expect(looked.up).toBe(4);
    expect((await knock('right')).status).toBe(429);
    expect((await knock('known')).status).toBe(200);
    expect(looked.up).toBe(4);
  });

  const sixty = [...Array<number>(60).fill(403), ...Array<number>(5).fill(429)];

  it('of API keys may be sixty a minute where nothing is set', async () => {
    const { looked, options } = gates();
    notes = await runNotes(options);
    expect(statusesOf(await times(65, () => knock(crypto.randomUUID())))).toEqual(sixty);
    expect(looked.up).toBe(60);
  });

  it('in tokens may be sixty a minute where nothing is set', async () => {
    notes = await runNotes();
    const expected = sixty.map((status) => (status === 403 ? 401 : status));
    expect(statusesOf(await times(65, () => read('abc.def.ghi')))).toEqual(expected);
  });
});

describe('where nothing is set, a full sync by Work 365 of 1,000 customers', () => {
  // The list of customers, the subscriptions of each of them, and five of those read one by one.
  const requests = 1 + 1_000 + 5 * 1_000;
  const workers = { tenantId: tenant, subject: 'Work 365' };

  it('is let in whole from one address within one window, and nearly as much again', async () => {
    const limits = new RateLimits(new ServiceEnv());
    let arrives: ((request: object, reply: object) => Promise<void>) | undefined;
    limits.limitAddresses({ addHook: (_: string, hook: typeof arrives) => (arrives = hook) } as never);
    const headers: Record<string, string> = {};
    const reply = {
      headers: (more: Record<string, string>) => Object.assign(headers, more),
      hasHeader: (name: string) => name in headers,
    };
    // Counted as by a server, without the time that one takes: all of it is one window.
    const send = async () => {
      await arrives!({ ip: '198.51.100.7', routeOptions: { url: '/customers' } }, reply);
      await limits.spendFor(reply as never, workers);
    };
    for (let n = 0; n < requests; n += 1) await send();
    expect(Number(/"caller";r=(\d+)/.exec(headers.ratelimit!)![1])).toBeGreaterThan(requests - 5);
    // It is counted, though: nobody asks without an end.
    const endless = async () => {
      for (let n = 0; n < 100_000; n += 1) await send();
    };
    await expect(endless()).rejects.toMatchObject({ status: 429 });
  });
});

describe('the address', () => {
  const from = (address: string) => read(null, { 'x-forwarded-for': address });

  it('is that of the connection, whatever X-Forwarded-For says', async () => {
    notes = await runNotes({}, { RATE_LIMIT_PER_ADDRESS: '2' });
    const replies = [await from('198.51.100.1'), await from('198.51.100.2'), await from('198.51.100.3')];
    expect(statusesOf(replies)).toEqual([401, 401, 429]);
  });

  it('is what a trusted proxy says, and not what its client claims', async () => {
    notes = await runNotes({}, { RATE_LIMIT_PER_ADDRESS: '2', TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' });
    expect(statusesOf([await from('198.51.100.1'), await from('198.51.100.1')])).toEqual([401, 401]);
    expect((await from('198.51.100.1')).status).toBe(429);
    expect((await from('198.51.100.2')).status).toBe(401);
    // The client wrote the first one, a proxy that we trust the last ones.
    expect((await from('203.0.113.9, 198.51.100.1, 10.1.2.3')).status).toBe(429);
    expect((await from('198.51.100.1, 203.0.113.9')).status).toBe(401);
  });

  it('of IPv6 is its network', async () => {
    notes = await runNotes({}, { RATE_LIMIT_PER_ADDRESS: '2', TRUSTED_PROXIES: '127.0.0.1' });
    const replies = [
      await from('2001:db8:1:2::1'),
      await from('2001:db8:1:2::2'),
      await from('2001:db8:1:2:3::3'),
    ];
    expect(statusesOf(replies)).toEqual([401, 401, 429]);
    expect((await from('2001:db8:1:3::1')).status).toBe(401);
  });

  it.each(['everybody', '10.0.0.0/33', '10.0.0'])('TRUSTED_PROXIES=%s ends the start', async (proxies) => {
    await expect(runNotes({}, { TRUSTED_PROXIES: proxies })).rejects.toThrow(/TRUSTED_PROXIES/);
    notes = await runNotes();
  });
});
