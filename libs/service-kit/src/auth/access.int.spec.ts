import { Controller, Get, Module } from '@nestjs/common';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { createService } from '../service.ts';
import { ServiceEnv } from '../config.ts';
import { runNotes, type RunningNotes } from '../../test/notes.fixture.ts';
import { UnguardedRoutes } from './guard-routes.ts';
import { Allow } from './access.ts';

let notes: RunningNotes;
beforeAll(async () => {
  notes = await runNotes();
});
afterAll(() => notes.close());

const read = (token: string | null) => notes.call('GET', '/v1/notes', { token });
const tenant = crypto.randomUUID();

describe('a request is refused', () => {
  it('without a token, saying how to authenticate', async () => {
    const refused = await read(null);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="isthmus"');
    expect(refused.body.type).toBe('urn:isthmus:problem:unauthenticated');
  });

  const claims = { tenant, roles: ['admin'], iss: 'https://issuer.test', aud: 'isthmus', sub: 'a' };
  const soon = () => Math.floor(Date.now() / 1000) + 600;
  const tokens: [string, () => Promise<string> | string][] = [
    ['that has expired', () => notes.issuer.token({ expiresIn: -60 })],
    ['of another issuer', () => notes.issuer.token({ issuer: 'https://elsewhere.test' })],
    ['for another audience', () => notes.issuer.token({ audience: 'somebody-else' })],
    ['of an unknown key', () => notes.issuer.token({ keyId: 'other' })],
    ['without a tenant', () => notes.issuer.token({ tenant: '' })],
    ['with a tenant that is no UUID', () => notes.issuer.token({ tenant: "x' or '1'='1" })],
    ['whose subject has an invisible character', () => notes.issuer.token({ sub: 'ann\u200b' })],
    ['whose subject has a filler', () => notes.issuer.token({ sub: 'ann\u3164' })],
    ['whose subject has a variation selector', () => notes.issuer.token({ sub: 'ann\ufe0f' })],
    ['whose subject has a blank pattern', () => notes.issuer.token({ sub: 'ann\u2800' })],
    ['whose subject begins with a space', () => notes.issuer.token({ sub: ' ann' })],
    ['whose roles are no list', () => notes.issuer.token({ roles: 'admin' })],
    ['with algorithm none', () => new UnsecuredJWT(claims).setExpirationTime(soon()).encode()],
    [
      'signed with a shared secret',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', kid: 'test-1' })
          .setExpirationTime(soon())
          .sign(new TextEncoder().encode('x'.repeat(32))),
    ],
    [
      "of somebody else's key under our key's name",
      async () => {
        const { privateKey } = await generateKeyPair('ES256');
        return new SignJWT(claims)
          .setProtectedHeader({ alg: 'ES256', kid: 'test-1' })
          .setExpirationTime(soon())
          .sign(privateKey);
      },
    ],
    ['that never expires', () => notes.issuer.token({ expiresIn: null })],
    ['that may not be used yet', () => notes.issuer.token({ notBefore: 600 })],
    ['of no issuer', () => notes.issuer.token({ issuer: null })],
    ['for no audience', () => notes.issuer.token({ audience: null })],
    [
      'with a changed payload',
      async () => {
        const [head, , signature] = (await notes.issuer.token({ roles: ['viewer'] })).split('.');
        return `${head}.${Buffer.from(JSON.stringify({ ...claims, exp: soon() })).toString('base64url')}.${signature}`;
      },
    ],
    ['that is no token', () => 'abc.def.ghi'],
    ['issued tomorrow', () => notes.issuer.token({ issuedAt: 86_400, expiresIn: 2 * 86_400 })],
    [
      'issued two days ago, for ten years',
      () => notes.issuer.token({ issuedAt: -2 * 86_400, expiresIn: 10 * 365 * 86_400 }),
    ],
    ['that does not say when it was issued', () => notes.issuer.token({ issuedAt: null })],
    ['without a subject', () => notes.issuer.token({ sub: '' })],
    ['whose subject is no text', () => notes.issuer.token({ sub: 7 })],
    ['whose subject is endless', () => notes.issuer.token({ sub: 'x'.repeat(201) })],
    ['whose subject has a NUL', () => notes.issuer.token({ sub: 'a\u0000b' })],
    ['whose subject has a line end', () => notes.issuer.token({ sub: 'a\nb' })],
    ['whose subject has half a character', () => notes.issuer.token({ sub: 'a\ud83d' })],
  ];
  it.each(tokens)('with a token %s', async (_, make) => {
    const refused = await read(await make());
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/error="invalid_token"/);
  });

  it('but not for a subject of 200 printable characters of any script', async () => {
    for (const sub of ['é'.repeat(200), '😀'.repeat(200), 'auth0|4711', '王小明 (Reseller)', 'a'])
      expect((await read(await notes.issuer.token({ sub }))).status).toBe(200);
  });

  it('with a token of another type, where a type is asked for', async () => {
    const strict = await runNotes({}, { OIDC_TOKEN_TYPE: 'at+jwt' });
    try {
      const statuses = [];
      for (const type of ['at+jwt', 'application/at+jwt', 'AT+JWT', 'JWT', 'id_token', undefined]) {
        const token = await strict.issuer.token({ type, sub: `of type ${type}` });
        statuses.push([type, (await strict.call('GET', '/v1/notes', { token })).status]);
      }
      expect(statuses).toEqual([
        ['at+jwt', 200],
        ['application/at+jwt', 200],
        ['AT+JWT', 200],
        ['JWT', 401],
        ['id_token', 401],
        [undefined, 401],
      ]);
    } finally {
      await strict.close();
    }
  });

  it('before its body is read', async () => {
    const refused = await notes.call('POST', '/v1/notes', { token: null, body: '{"broken' });
    expect(refused.status).toBe(401);
  });
});

describe('roles', () => {
  const roles = [
    ['viewer', 200, 403],
    ['operator', 200, 202],
    ['admin', 200, 202],
    ['none of ours', 403, 403],
  ] as const;
  it.each(roles)('%s may read: %i, may write: %i', async (role, reading, writing) => {
    const token = await notes.issuer.token({ roles: [role], tenant });
    expect((await read(token)).status).toBe(reading);
    const written = await notes.call('POST', '/v1/notes', {
      token,
      body: { text: 'a' },
      headers: { 'idempotency-key': crypto.randomUUID() },
    });
    expect(written.status).toBe(writing);
  });
});

it("keeps a tenant's rows from another tenant", async () => {
  const [mine, theirs] = await Promise.all([
    notes.issuer.token({ tenant }),
    notes.issuer.token({ tenant: crypto.randomUUID() }),
  ]);
  const made = await notes.call('POST', '/v1/notes', {
    token: mine,
    body: { text: 'mine' },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
  const path = made.headers.get('location') ?? '';
  expect((await notes.call('GET', path, { token: mine })).status).toBe(200);
  expect((await notes.call('GET', path, { token: theirs })).status).toBe(404);
});

it('never writes a token to the log', async () => {
  const token = await notes.issuer.token();
  await read(token);
  await read(`${token}x`);
  expect(notes.log()).not.toContain(token.split('.')[2]);
});

describe('in the log', () => {
  const lines = (correlation: string) =>
    notes
      .log()
      .split('\n')
      .filter((line) => line.includes(correlation))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const ask = async (token: string | null, method = 'GET') => {
    const correlation = crypto.randomUUID();
    const headers = { 'x-correlation-id': correlation, 'idempotency-key': crypto.randomUUID() };
    const body = method === 'POST' ? { text: 'a' } : undefined;
    const { status } = await notes.call(method, '/v1/notes', { token, headers, body });
    return { status, lines: lines(correlation) };
  };
  const refused = { level: 'warn', route: '/v1/notes', address: '127.0.0.1' };

  it('is every refused token, with the reason and where it came from', async () => {
    const late = await ask(await notes.issuer.token({ expiresIn: -60 }));
    expect(late).toMatchObject({ status: 401, lines: [{ ...refused, reason: 'The token has expired.' }] });
    const forged = await ask(`${await notes.issuer.token()}x`);
    expect(forged).toMatchObject({ status: 401, lines: [{ ...refused, reason: 'The token is not valid.' }] });
  });

  it('is everyone who may not do it, by name', async () => {
    const token = await notes.issuer.token({ roles: ['viewer'], tenant, sub: 'curious' });
    const { status, lines: told } = await ask(token, 'POST');
    expect(status).toBe(403);
    expect(told).toMatchObject([{ ...refused, method: 'POST', tenantId: tenant, subject: 'curious' }]);
  });

  it('is nobody who sent no token, or was let in', async () => {
    expect(await ask(null)).toEqual({ status: 401, lines: [] });
    expect(await ask(await notes.issuer.token())).toEqual({ status: 200, lines: [] });
  });
});

describe('at boot', () => {
  @Controller('v1/things')
  class ThingsController {
    @Allow('viewer')
    @Get()
    list(): string[] {
      return [];
    }
    @Get('forgotten')
    forgotten(): string {
      return 'open to all';
    }
  }
  @Module({ controllers: [ThingsController] })
  class ThingsModule {}

  it('a route that says nothing about its callers is refused by name', async () => {
    const service = await createService(
      { service: 'things', module: ThingsModule, config: ServiceEnv },
      { PORT: '0', LOG_LEVEL: 'silent', DATABASE_URL: 'postgres://nowhere/none', ...notes.issuer.env },
    );
    await expect(service.listen()).rejects.toThrow(UnguardedRoutes);
    await expect(service.listen()).rejects.toThrow(/GET \/v1\/things\/forgotten/);
  });
});
