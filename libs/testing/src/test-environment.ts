import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair, type GenerateKeyPairResult, type JWTPayload, SignJWT } from 'jose';
import { Client } from 'pg';
import type { NatsOptions, RunningNats, RunningServer, ServerOptions } from '../servers/index.mjs';
import * as servers from '../servers/index.mjs';

/** A nats-server of the spec's own; it ends with the spec at the latest. */
export const startNats = (options: NatsOptions = {}): Promise<RunningNats> =>
  servers.startNats({ tied: true, ...options });

/** A PostgreSQL of the spec's own; it ends with the spec at the latest. */
export const startPostgres = (options: ServerOptions = {}): Promise<RunningServer> =>
  servers.startPostgres({ tied: true, ...options });

export interface FreshDatabase {
  /** URL of a new, empty database, as the superuser: tests look at what there is of every tenant. */
  url: string;
  /** For a service that uses it as in production: as a role that row-level security binds. `migrate` makes the roles. */
  env: DatabaseEnv;
  drop(): Promise<void>;
}

/** Creates an empty database, by default on the test run's PostgreSQL (TEST_DATABASE_URL, set by the global set-up). */
export async function freshDatabase(
  name = 'test',
  server = process.env.TEST_DATABASE_URL,
): Promise<FreshDatabase> {
  return copyOf('template1', name, addressOf(server));
}

/**
 * As `freshDatabase`, but as `migrate` leaves it. It is called for the first one in a test run, with an empty database; all
 * others are copies, with the same roles.
 * @param name one name always means the same tables
 */
export async function migratedDatabase(
  name: string,
  migrate: (database: FreshDatabase) => Promise<void>,
  server = process.env.TEST_DATABASE_URL,
): Promise<FreshDatabase> {
  const url = addressOf(server);
  const template = `migrated_${plain(name)}_${process.env.TEST_RUN}`;
  await onServer(url, async (client) => {
    // Whoever comes meanwhile, in another process, waits for the first.
    await client.query('select pg_advisory_lock(hashtext($1))', [template]);
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (rowCount) return;
    const first = await freshDatabase(name, url);
    await migrate(first);
    await client.query(`alter database ${new URL(first.url).pathname.slice(1)} rename to ${template}`);
  });
  return copyOf(template, name, url);
}

async function copyOf(template: string, name: string, server: string): Promise<FreshDatabase> {
  const database = `${plain(name)}_${randomBytes(5).toString('hex')}`;
  await onServer(server, (client) => client.query(`create database ${database} template ${template}`));
  const url = new URL(server);
  url.pathname = `/${database}`;
  return {
    url: url.toString(),
    env: databaseEnv(name, url.toString()),
    drop: async () => {
      await onServer(server, async (client) => {
        await left(client, database);
        await client.query(`drop database if exists ${database} with (force)`);
      });
    },
  };
}

export type DatabaseEnv = Record<'DATABASE_URL' | 'MIGRATION_DATABASE_URL' | 'ADMIN_DATABASE_URL', string>;

/**
 * The settings of a service for a database: its own roles, which all its databases on a server share.
 * @param url of the database, as the superuser
 */
export function databaseEnv(service: string, url: string): DatabaseEnv {
  const as = (user: string) => {
    const address = new URL(url);
    [address.username, address.password] = [user, user];
    return address.toString();
  };
  const admin = new URL(url);
  admin.pathname = '/postgres';
  return {
    DATABASE_URL: as(plain(service)),
    MIGRATION_DATABASE_URL: as(`${plain(service)}_owner`),
    ADMIN_DATABASE_URL: admin.toString(),
  };
}

/**
 * Waits a moment for the last connections: a pool says it has ended before they have, and one that is ended by the server
 * instead fails whatever spec runs in this process then.
 */
async function left(client: Client, database: string): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const { rows } = await client.query<{ open: number }>(
      'select count(*)::int as open from pg_stat_activity where datname = $1',
      [database],
    );
    if (rows[0]!.open === 0) return;
    await setTimeout(25);
  }
}

const plain = (name: string) => name.replace(/[^a-z0-9]+/gi, '_').toLowerCase();

function addressOf(server: string | undefined): string {
  if (server) return server;
  throw new Error('TEST_DATABASE_URL is not set: only *.int.spec.ts and *.e2e.spec.ts have servers.');
}

async function onServer(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

export interface TokenClaims {
  tenant?: unknown;
  roles?: unknown;
  sub?: unknown;
  /** Null for a token that does not say. */
  issuer?: string | null;
  audience?: string | null;
  /** Seconds from now; negative for a token that has expired, null for one that never does. */
  expiresIn?: number | null;
  /** Seconds from now until it may be used. */
  notBefore?: number;
  /** Seconds from now; negative for one issued earlier, null for one that does not say. */
  issuedAt?: number | null;
  /** The header `typ`. */
  type?: string;
  /** Further claims. */
  more?: Record<string, unknown>;
  /** Key id in the header; one that the JWKS does not have makes the token unknown. */
  keyId?: string;
}

export interface TestIssuer {
  issuer: string;
  audience: string;
  /** `file:` URL of the JWKS. */
  jwksUrl: string;
  /** What a service needs in its environment to trust this issuer. */
  env: { OIDC_ISSUER: string; OIDC_AUDIENCE: string; OIDC_JWKS_URL: string };
  /** A signed token; of an admin of a new tenant unless specified otherwise. */
  token(claims?: TokenClaims): Promise<string>;
  close(): Promise<void>;
}

/**
 * An identity provider for tests: an ES256 key, its JWKS in a file, and tokens of any content.
 * @param like a provider in whose name and with whose key (ES256, kid `test-1`) the tokens are signed
 */
export async function testIssuer(like?: {
  issuer: string;
  keys: GenerateKeyPairResult;
}): Promise<TestIssuer> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-issuer-'));
  const { publicKey, privateKey } = like?.keys ?? (await generateKeyPair('ES256', { extractable: true }));
  const file = join(folder, 'jwks.json');
  await writeFile(
    file,
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'test-1', alg: 'ES256', use: 'sig' }] }),
  );
  const issuer = like?.issuer ?? 'https://issuer.test';
  const audience = 'isthmus';
  const jwksUrl = pathToFileURL(file).href;
  const signed = new Map<string, Promise<string>>();
  return {
    issuer,
    audience,
    jwksUrl,
    env: { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: jwksUrl },
    // Signed once a minute, as a service checks a token it has not seen: both take longer than most requests.
    token: (claims = {}) => {
      const asked = JSON.stringify([claims, Math.floor(Date.now() / 60_000)]);
      const known = signed.get(asked);
      if (known && claims.expiresIn === undefined && claims.issuedAt === undefined) return known;
      const now = Math.floor(Date.now() / 1000);
      const {
        tenant = defaultTenant,
        roles = ['admin'],
        sub = 'someone@example.test',
        issuedAt = 0,
        more = {},
        expiresIn = 600,
        notBefore,
      } = claims;
      const payload = {
        ...{ tenant, roles, sub, iss: claims.issuer ?? issuer, aud: claims.audience ?? audience, ...more },
        ...(claims.issuer === null && { iss: undefined }),
        ...(claims.audience === null && { aud: undefined }),
        ...(issuedAt !== null && { iat: now + issuedAt }),
        ...(expiresIn !== null && { exp: now + expiresIn }),
        ...(notBefore !== undefined && { nbf: now + notBefore }),
        ...claims.more,
      };
      const token = new SignJWT(payload as JWTPayload)
        .setProtectedHeader({ alg: 'ES256', kid: claims.keyId ?? 'test-1', typ: claims.type })
        .sign(privateKey);
      signed.set(asked, token);
      return token;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The tenant of tokens that name none. */
export const defaultTenant = '11111111-1111-4111-8111-111111111111';
