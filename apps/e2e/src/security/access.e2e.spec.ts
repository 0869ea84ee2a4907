import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { defaultTenant } from '@isthmus/testing';
import { type GatewayPlatform, startBehindGateway, wholePlatform } from '../platform/gateway.ts';
import type { Platform } from '../platform/start-platform.ts';
import { headersOf, named, pathOf, type Route, routesOf, sample, services } from './routes.ts';

let behind: GatewayPlatform;
let platform: Platform;
beforeAll(async () => {
  const off = { RATE_LIMIT_PER_CALLER: '0', RATE_LIMIT_PER_TENANT: '0', RATE_LIMIT_PER_ADDRESS: '0' };
  behind = await startBehindGateway({
    ...wholePlatform,
    env: { ...off, AUTH_FAILURES_PER_ADDRESS: '0', LOG_LEVEL: 'error' },
  });
  platform = behind.platform;
});
afterAll(() => behind?.stop());

const gateway = 'console-gateway';

const all = services.flatMap(routesOf);
const guarded = all.filter(({ role }) => role !== 'open' && role !== 'api-key');
const ofServices = guarded.filter(({ service }) => service !== gateway);
const ofGateway = guarded.filter(({ service }) => service === gateway);
/** What the gateway passes on; what it has at the same address is its own. */
const passedOn = ofServices.filter(({ path }) => !ofGateway.some((own) => own.path === path));

/** A request of the route that could be right, with ids of nothing. */
async function call(route: Route, token: string | undefined, at = route.service): Promise<number> {
  const { method, body, contentType, resolve } = route;
  const response = await fetch(behind.urlOf(at) + pathOf(route), {
    method,
    headers: {
      ...headersOf(route),
      ...(contentType && { 'content-type': contentType }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: body && JSON.stringify(sample(body, resolve)),
    redirect: 'manual',
  });
  await response.body?.cancel();
  return response.status;
}

describe('every route of every API document', () => {
  const roles = ['viewer', 'finance', 'operator', 'admin'] as const;

  it('is one of a service that was found, and the gateway is one of them', () => {
    expect(services).toEqual(expect.arrayContaining(['connector-config', 'rest-provider', gateway]));
    for (const service of services) expect([service, routesOf(service).length > 5]).toEqual([service, true]);
  });

  it('names who may call it', () => {
    expect(all.length).toBeGreaterThan(140);
    expect(all.filter(({ role }) => ![...roles, 'api-key', 'open'].includes(role))).toEqual([]);
    expect(guarded.length).toBeGreaterThan(90);
    expect(ofGateway.length).toBeGreaterThanOrEqual(4);
  });

  it('is refused without a token, with no role, and with a lower one; and is not refused with the one it names', async () => {
    // A tenant of its own for each role: what one of them removes, the others need not meet.
    const tokens = Object.fromEntries(
      await Promise.all(
        [...roles, 'none'].map(
          async (role) => [role, await platform.token({ tenant: randomUUID(), roles: [role] })] as const,
        ),
      ),
    );
    const wrong: string[] = [];
    for (const route of guarded) {
      const least = roles.indexOf(route.role as (typeof roles)[number]);
      const expected = {
        ...{ undefined: 401, none: 403 },
        ...Object.fromEntries(roles.map((role, rank) => [role, rank < least ? 403 : 0])),
      };
      for (const [caller, refusal] of Object.entries(expected)) {
        const status = await call(route, tokens[caller]);
        const refused = status === 401 || status === 403;
        if (refusal ? status !== refusal : refused) wrong.push(`${named(route)} as ${caller}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is refused through the gateway as it is without it', async () => {
    expect(passedOn.length).toBeGreaterThan(90);
    const tenant = randomUUID();
    const of = (role: string) => platform.token({ tenant, roles: [role] });
    const wrong: string[] = [];
    for (const route of passedOn) {
      const lower = roles[roles.indexOf(route.role as (typeof roles)[number]) - 1];
      for (const [caller, token, refusal] of [
        ['nobody', undefined, 401],
        ['none', await of('none'), 403],
        ...(lower ? [[lower, await of(lower), 403] as const] : []),
      ] as const) {
        const status = await call(route, token, gateway);
        if (status !== refusal) wrong.push(`${named(route)} as ${caller}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('of Work 365 is refused without its key and with a token instead', async () => {
    const token = await platform.token();
    const wrong: string[] = [];
    for (const route of all.filter(({ role }) => role === 'api-key'))
      for (const sent of [undefined, token]) {
        const status = await call(route, sent);
        if (status !== 403) wrong.push(`${named(route)}: ${status}`);
      }
    expect(wrong).toEqual([]);
  });

  it('that is open answers without a token', async () => {
    const open = all.filter(({ role, path }) => role === 'open' && !path.includes('{'));
    for (const route of open)
      expect([named(route), await call(route, undefined)]).toEqual([named(route), route.succeeds]);
  });
});

describe('a forged token', () => {
  const base64 = (value: object | Buffer): string =>
    (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url');
  const own = {
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    EdDSA: generateKeyPairSync('ed25519'),
  };
  const now = Math.floor(Date.now() / 1000);

  /** Where the forger keeps its keys. Whoever fetches them there would let its tokens in. */
  const fetched: string[] = [];
  const keys = createServer((request, response) => {
    fetched.push(request.url!);
    const jwk = { ...own.ES256.publicKey.export({ format: 'jwk' }), kid: 'test-1', alg: 'ES256', use: 'sig' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }));
  });
  beforeAll(async () => {
    keys.listen(0, '127.0.0.1');
    await once(keys, 'listening');
  });
  afterAll(() => {
    keys.closeAllConnections();
    keys.close();
  });

  it('in any of its forms is let in nowhere', async () => {
    const { issuer, audience, jwksUrl } = platform.issuer;
    const forgers = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`;
    const jwks = readFileSync(fileURLToPath(jwksUrl), 'utf8');
    const claims = {
      ...{ tenant: defaultTenant, roles: ['admin'], sub: 'mallory', iss: issuer, aud: audience },
      ...{ iat: now, exp: now + 600 },
    };
    const genuine = await platform.token();
    const [head, payload, signature] = genuine.split('.') as [string, string, string];
    const header = { alg: 'ES256', kid: 'test-1' };
    const signed = (
      more: object,
      key: KeyObject = own.ES256.privateKey,
      content: object = claims,
    ): string => {
      const text = `${base64({ ...header, ...more })}.${base64(content)}`;
      const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
      return `${text}.${base64(sign(digest, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }))}`;
    };
    const hmac = (alg: string, secret: string | Buffer): string => {
      const text = `${base64({ ...header, alg })}.${base64(claims)}`;
      return `${text}.${base64(createHmac(alg.replace('HS', 'sha'), secret).update(text).digest())}`;
    };
    const publicJwk = own.ES256.publicKey.export({ format: 'jwk' });
    const pem = own.ES256.publicKey.export({ format: 'pem', type: 'spki' });
    const changed = (change: object) => {
      const content = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), ...change };
      return `${head}.${base64(content)}.${signature}`;
    };

    const forged: Record<string, string> = {
      'without a signature, alg none': `${base64({ alg: 'none' })}.${base64(claims)}.`,
      'alg None': `${base64({ alg: 'None' })}.${base64(claims)}.`,
      'alg nOnE with a signature': `${base64({ alg: 'nOnE' })}.${base64(claims)}.${signature}`,
      'without an alg': `${base64({ kid: 'test-1' })}.${base64(claims)}.${signature}`,
      'the signature cut off': `${head}.${payload}.`,
      'a signature of zeros': `${head}.${payload}.${base64(Buffer.alloc(64))}`,
      'a signature cut short': `${head}.${payload}.${signature.slice(0, -4)}`,
      'the signature of another token': `${head}.${base64(claims)}.${signature}`,
      'HS256 with the JWKS as secret': hmac('HS256', jwks),
      'HS256 with a public key as secret': hmac('HS256', pem),
      'HS384 with an empty secret': hmac('HS384', ''),
      'HS512 with the kid as secret': hmac('HS512', 'test-1'),
      'another key under the same kid': signed({}),
      'another key that it brings along': signed({ jwk: publicJwk }),
      'another key at an address': signed({ jku: `${forgers}/jwks.json` }),
      'another key of another name at an address': signed({ kid: 'mine', jku: `${forgers}/other.json` }),
      'another certificate at an address': signed({ x5u: `${forgers}/cert.pem` }),
      'another certificate of another name at an address': signed({ kid: 'm', x5u: `${forgers}/other.pem` }),
      'a kid that is a path': signed({ kid: '../../../../dev/null' }),
      'a kid that is a prototype': signed({ kid: '__proto__' }),
      'a kid that is SQL': signed({ kid: "' or 1=1 --" }),
      'a kid that is no text': signed({ kid: 1 }),
      'an RSA key': signed({ alg: 'RS256' }, own.RS256.privateKey),
      'an Ed25519 key': signed({ alg: 'EdDSA' }, own.EdDSA.privateKey),
      'a critical header that nobody knows': signed({ crit: ['exp'], exp: now }),
      'b64 false': signed({ crit: ['b64'], b64: false }),
      'another tenant': changed({ tenant: randomUUID() }),
      'another role': changed({ roles: ['admin', 'operator', 'viewer'] }),
      'another subject': changed({ sub: 'somebody.else' }),
      'a later expiry': changed({ exp: now + 999_999 }),
      expired: await platform.token({ expiresIn: -60 }),
      'of another issuer': await platform.token({ issuer: 'https://issuer.example' }),
      'of an issuer with a slash more': await platform.token({ issuer: `${issuer}/` }),
      'for another audience': await platform.token({ audience: 'another-api' }),
      'issued tomorrow': await platform.token({ issuedAt: 86_400, expiresIn: 90_000 }),
      'for ten years': await platform.token({ issuedAt: -200_000, expiresIn: 315_360_000 }),
      'without a time of issue': await platform.token({ issuedAt: null }),
      'a tenant that is no UUID': await platform.token({ tenant: 'contoso' }),
      'a tenant that is a list': await platform.token({ tenant: [defaultTenant] }),
      'roles that are a text': await platform.token({ roles: 'admin' }),
      'roles that are an object': await platform.token({ roles: { admin: true } }),
      'a subject with a NUL': await platform.token({ sub: 'a\u0000b' }),
      'no token at all': 'a.b.c',
      'a token twice': `${genuine}.${genuine}`,
      'a token in JSON': base64({ payload, signatures: [{ protected: head, signature }] }),
    };
    expect(Object.keys(forged).length).toBeGreaterThanOrEqual(25);
    const letIn: string[] = [];
    const simple = guarded.filter(
      ({ method, path, parameters }) =>
        method === 'GET' && !path.includes('{') && !parameters.some(({ required }) => required),
    );
    // The first one of each service, its audit log, and one that the gateway passes on.
    const tried: [route: Route, at: string][] = [
      ...simple.filter(({ path }) => path === '/v1/audit'),
      ...services.flatMap((service) => simple.find((one) => one.service === service) ?? []),
    ].map((route) => [route, route.service]);
    tried.push([passedOn.find((route) => simple.includes(route))!, gateway]);
    expect([...new Set(tried.map(([, at]) => at))].sort()).toEqual([...services]);
    for (const [route, at] of tried) {
      // What the gateway composes needs an answer of every service in time, and the machine may be busy.
      let entered = await call(route, genuine, at);
      for (let tries = 1; entered === 503 && tries < 60; tries += 1) {
        await sleep(500);
        entered = await call(route, genuine, at);
      }
      expect([named(route), at, entered]).toEqual([named(route), at, 200]);
      for (const [name, token] of Object.entries(forged)) {
        const status = await call(route, token, at);
        if (status !== 401) letIn.push(`${name} at ${at}, ${route.path}: ${status}`);
      }
    }
    expect(letIn).toEqual([]);
    expect(fetched).toEqual([]);
    // It was there to be asked.
    const { status } = await fetch(`${forgers}/jwks.json`);
    expect([status, fetched]).toEqual([200, ['/jwks.json']]);
  });

  it('in another place than the Authorization header is none', async () => {
    const token = await platform.token();
    for (const headers of [{ cookie: `token=${token}` }, { 'x-authorization': `Bearer ${token}` }] as Record<
      string,
      string
    >[]) {
      const { status } = await fetch(`${behind.urlOf('connector-config')}/v1/connectors`, { headers });
      expect(status).toBe(401);
    }
    const { status } = await fetch(`${behind.urlOf('connector-config')}/v1/connectors?access_token=${token}`);
    expect(status).toBe(401);
  });
});
