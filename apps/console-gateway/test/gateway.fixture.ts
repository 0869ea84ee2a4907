import { randomUUID } from 'node:crypto';
import { createService, type RunningService, ServiceEnv } from '@isthmus/service-kit';
import { freePort, keyRing, runService, type TestIssuer, type TestService } from '@isthmus/testing';
import { type RunningIdentity, startIdentity } from '@isthmus/testing/identity';
import { Module, type Type } from '@nestjs/common';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { ConsoleGatewayEnv } from '../src/config.ts';
import { consoleGatewayOptions } from '../src/console-gateway.module.ts';
import { type ServiceName, services } from '../src/proxy/generated/routes.ts';
import { Browser } from '@isthmus/testing';

export const contoso = randomUUID();
export const fabrikam = randomUUID();
const secret = (of: string) => `${of}-secret`.padEnd(32, '-');

export interface RunningGateway extends TestService<ConsoleGatewayEnv> {
  origin: string;
  identity: RunningIdentity;
  /** A service of the name, with these routes; it gets the requests that the gateway passes on. */
  serve(service: ServiceName, ...controllers: Type[]): Promise<RunningService>;
  /** A browser in which this person has signed in. */
  signedIn(person?: string): Promise<SignedIn>;
  /** The identity provider stops and comes back, with nothing of what it knew. */
  stopIdentity(): Promise<void>;
}

export interface SignedIn {
  browser: Browser;
  csrf: string;
  /** A request of a page of ours. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): ReturnType<Browser['open']>;
}

interface GatewayOptions {
  env?: Record<string, string>;
  tokenSeconds?: number;
}

/** The gateway with a database, an identity provider, and ports for the services behind it, on which nothing listens yet. */
export async function runGateway({ env, tokenSeconds }: GatewayOptions = {}): Promise<RunningGateway> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const [port, ...ports] = await Promise.all([0, ...services].map(() => freePort()));
  const origin = `http://127.0.0.1:${port}`;
  const key = { ...(await exportJWK(privateKey)), kid: 'local-1', alg: 'ES256', use: 'sig' };
  const identity = await startIdentity({
    port: 0,
    audience: 'isthmus',
    key,
    tokenSeconds,
    people: ['admin', 'operator', 'viewer'].flatMap((role) => [
      { id: `${role}@contoso.example`, name: `Contoso CSP: ${role}`, tenant: contoso, roles: [role] },
      { id: `${role}@fabrikam.example`, name: `Fabrikam CSP: ${role}`, tenant: fabrikam, roles: [role] },
    ]),
    clients: [
      { id: 'console', secret: secret('console'), redirectUris: [`${origin}/auth/callback`] },
      { id: 'cli', redirectUris: ['http://127.0.0.1/callback'] },
      { id: 'job', secret: secret('job'), program: { tenant: contoso, roles: ['viewer'] } },
    ],
  });
  const { issuer } = identity;
  const trust = { OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'isthmus', OIDC_JWKS_URL: `${issuer}/jwks` };
  const tokens: TestIssuer = {
    issuer,
    audience: 'isthmus',
    jwksUrl: trust.OIDC_JWKS_URL,
    env: trust,
    token: ({ tenant = contoso, roles = ['admin'], sub = 'program@contoso.example', expiresIn = 600 } = {}) =>
      new SignJWT({ tenant, roles, sub: sub as string })
        .setProtectedHeader({ alg: 'ES256', kid: 'local-1' })
        .setIssuer(issuer)
        .setAudience('isthmus')
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn!)
        .sign(privateKey),
    close: () => Promise.resolve(),
  };
  const common = {
    ...trust,
    LOG_LEVEL: 'info',
    OIDC_CLIENT_ID: 'console',
    OIDC_CLIENT_SECRET: secret('console'),
  };
  const gateway = await runService(consoleGatewayOptions, {
    platform: { issuer: tokens, natsUrl: '', env: common, stop: () => Promise.resolve() },
    tenantId: contoso,
    env: {
      PORT: String(port),
      CONSOLE_URL: origin,
      CONSOLE_DIR: '/nowhere',
      SERVICE_URLS: JSON.stringify(
        Object.fromEntries(services.map((service, index) => [service, `http://127.0.0.1:${ports[index]}`])),
      ),
      SESSION_SECRET_RING: keyRing('k1'),
      ...env,
    },
  }).catch(async (error: unknown) => {
    await identity.close();
    throw error;
  });
  const behind: RunningService[] = [];
  let identityRuns = true;
  const stopIdentity = async () => {
    if (identityRuns) await identity.close();
    identityRuns = false;
  };
  return {
    ...gateway,
    origin,
    identity,
    stopIdentity,
    async serve(service, ...controllers) {
      class Behind {}
      Module({ controllers })(Behind);
      const options = {
        service,
        module: () => ({ module: Behind, controllers }),
        config: ServiceEnv,
        database: { entities: [], migrations: [], messaging: false },
      };
      const settings = {
        ...trust,
        PORT: String(ports[services.indexOf(service)]),
        DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
        LOG_LEVEL: 'silent',
      };
      const running = await createService(options, settings);
      await running.listen();
      behind.push(running);
      return running;
    },
    async signedIn(person = 'Contoso CSP: admin') {
      const browser = new Browser();
      const { status, url } = await browser.signIn(origin, person);
      if (status !== 200) throw new Error(`The sign-in has ended at ${url.href} with ${status}.`);
      const { json } = await browser.open(`${origin}/v1/me`);
      return {
        browser,
        csrf: json.csrf,
        call: (method, path, body, headers) =>
          browser.open(`${origin}${path}`, {
            method,
            headers: {
              'sec-fetch-site': 'same-origin',
              'x-csrf': json.csrf,
              ...(body !== undefined && { 'content-type': 'application/json' }),
              ...headers,
            },
            body: body === undefined ? undefined : JSON.stringify(body),
          }),
      };
    },
    async stop() {
      await gateway.stop();
      await Promise.all(behind.map((one) => one.close()));
      await stopIdentity();
    },
  };
}

/** What a program gets with its own credentials. */
export async function programToken(issuer: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'job',
      client_secret: secret('job'),
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}
