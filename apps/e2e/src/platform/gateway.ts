import { randomBytes } from 'node:crypto';
import { databaseEnv, freePort, migratedDatabase, testIssuer, type FreshDatabase } from '@isthmus/testing';
import { type IdentityPerson, type RunningIdentity, startIdentity } from '@isthmus/testing/identity';
import { exportJWK, generateKeyPair } from 'jose';
import { ServiceProcess } from './service-process.ts';
import { type Platform, type PlatformOptions, startPlatform } from './start-platform.ts';

export const contoso = 'a3d2f1c0-5b1e-4f6a-8c7d-1e2f3a4b5c01';
export const fabrikam = 'b7e4c9d2-0a3f-4d58-9b61-7c8d9e0f1a02';

export interface GatewayPlatform {
  platform: Platform;
  identity: RunningIdentity;
  gateway: ServiceProcess;
  /** URL of the gateway's database. */
  database: string;
  /** Where the API of a service is. */
  urlOf(service: string): string;
  /** The credentials of a program. */
  program: { clientId: string; clientSecret: string };
  /** What only the gateway knows. */
  secrets: { client: string; sessionKey: string };
  stop(): Promise<void>;
}

const everybody: IdentityPerson[] = [
  { id: 'admin@contoso.example', name: 'Contoso CSP: admin', tenant: contoso, roles: ['admin'] },
  { id: 'viewer@fabrikam.example', name: 'Fabrikam CSP: viewer', tenant: fabrikam, roles: ['viewer'] },
];

/** Every service, for what is tried at each of them. */
export const wholePlatform = { catalog: true, lifecycle: true, restProvider: true, webhooks: true };

/**
 * The platform behind its gateway, with people who sign in at an identity provider. `platform.token` makes further tokens of that
 * provider.
 */
export async function startBehindGateway({
  people = everybody,
  ...options
}: PlatformOptions & { people?: IdentityPerson[] } = {}): Promise<GatewayPlatform> {
  const [keys, port] = await Promise.all([generateKeyPair('ES256', { extractable: true }), freePort()]);
  const address = `http://127.0.0.1:${port}`;
  const [secret, programSecret] = [randomBytes(32), randomBytes(32)].map((bytes) =>
    bytes.toString('base64url'),
  );
  const sessionKey = randomBytes(32).toString('base64');
  const identity = await startIdentity({
    port: 0,
    audience: 'isthmus',
    key: { ...(await exportJWK(keys.privateKey)), kid: 'test-1', alg: 'ES256', use: 'sig' },
    people,
    clients: [
      { id: 'console', secret, redirectUris: [`${address}/auth/callback`] },
      { id: 'cli', redirectUris: ['http://127.0.0.1/callback'] },
      { id: 'job', secret: programSecret, program: { tenant: contoso, roles: ['admin'] } },
    ],
  });
  const trust = {
    OIDC_ISSUER: identity.issuer,
    OIDC_AUDIENCE: 'isthmus',
    OIDC_JWKS_URL: `${identity.issuer}/jwks`,
  };
  const issuer = await testIssuer({ issuer: identity.issuer, keys });
  const platform = await startPlatform({ ...options, issuer, env: { ...options.env, ...trust } });
  const settings = (database: string) => ({
    LOG_LEVEL: 'info',
    CONSOLE_DIR: '/nowhere',
    ...options.env,
    ...trust,
    ...databaseEnv('console-gateway', database),
    PORT: String(port),
    CONSOLE_URL: address,
    OIDC_CLIENT_ID: 'console',
    OIDC_CLIENT_SECRET: secret!,
    SESSION_SECRET_RING: JSON.stringify({ current: 'k1', keys: { k1: sessionKey } }),
    SERVICE_URLS: JSON.stringify({
      'account-sync': platform.accountSync.url,
      'connector-config': platform.connectorConfig.url,
      'product-catalog': platform.productCatalog?.url ?? 'http://127.0.0.1:1',
      'rest-provider': platform.restProvider?.url ?? 'http://127.0.0.1:1',
      'subscription-lifecycle': platform.lifecycle?.url ?? 'http://127.0.0.1:1',
      webhooks: platform.webhooks?.url ?? 'http://127.0.0.1:1',
    }),
  });
  const process = (database: string) =>
    new ServiceProcess('console-gateway', 'apps/console-gateway/dist/main.js', settings(database));
  const migrate = ({ url }: FreshDatabase) => process(url).migrate();
  const database = await migratedDatabase('console-gateway', migrate, options.postgres);
  const gateway = process(database.url);
  await gateway.start();
  const all = [...platform.processes, gateway];
  return {
    platform,
    identity,
    gateway,
    database: database.url,
    urlOf(service) {
      // A worker of account-sync is called otherwise.
      const running = all.find(({ name }) => name === service);
      if (!running) throw new Error(`${service} is not started here: add it to start-platform.ts.`);
      return running.url;
    },
    program: { clientId: 'job', clientSecret: programSecret! },
    secrets: { client: secret!, sessionKey },
    async stop() {
      await gateway.stop();
      await platform.stop();
      await database.drop();
      await identity.close();
    },
  };
}

/**
 * Signs in as a browser does: follows redirects, with cookies, to the page of buttons and back.
 * @returns the cookies at the end, by name
 */
export async function pressButton(address: string, person: string): Promise<Map<string, string>> {
  const cookies = new Map<string, string>();
  let url = new URL(address);
  let init: RequestInit = {};
  let pressed = false;
  for (let hops = 0; hops < 12; hops += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const [pair] of response.headers.getSetCookie().map((text) => text.split(';'))) {
      const [name, value] = pair!.split(/=(.*)/s);
      cookies.set(name!, value ?? '');
    }
    const location = response.headers.get('location');
    if (!location && pressed) return cookies;
    pressed ||= !location;
    init = location ? {} : { method: 'POST', body: new URLSearchParams({ person }) };
    if (location) url = new URL(location, url);
  }
  throw new Error(`The sign-in has ended at ${url.href}.`);
}
