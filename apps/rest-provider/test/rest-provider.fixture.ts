import { randomUUID } from 'node:crypto';
import { createService, type RunningService } from '@isthmus/service-kit';
import {
  compareWithDocument,
  serviceDatabase,
  standIn,
  startNats,
  testIssuer,
  type TokenClaims,
} from '@isthmus/testing';
import { Pool } from 'pg';
import type { RestProviderEnv } from '../src/config.ts';
import { restProviderOptions } from '../src/rest-provider.options.ts';
import { hashOf, newWorld, type Publish, startNeighbours, type World } from './neighbours.fixture.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a client of the contract reads JSON
export type Json = any;

export interface Answered {
  status: number;
  headers: Headers;
  body: Json;
  text: string;
}

/** A Work 365 with an API key: it speaks the contract and nothing else. */
export interface Work365 {
  tenantId: string;
  connectorId: string;
  apiKeyId: string;
  key: string;
  call(method: string, path: string, body?: unknown): Promise<Answered>;
}

export interface RunningProvider {
  service: RunningService<RestProviderEnv>;
  pool: Pool;
  world: World;
  /** Publishes an event as its producer does. */
  publish: Publish;
  /** A client of a connector of its own. */
  client(more?: object): Work365;
  /** A person reads. */
  read(path: string, claims?: TokenClaims): Promise<Answered>;
  send(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Answered>;
  stop(): Promise<void>;
}

/** The service in this process, with servers of its own and neighbours that answer from a world in memory. */
export async function runRestProvider(env: Record<string, string> = {}): Promise<RunningProvider> {
  const nats = await startNats();
  const fresh = await serviceDatabase(restProviderOptions);
  const issuer = await testIssuer();
  const shared = { ...issuer.env, NATS_URL: nats.url, LOG_LEVEL: 'silent', PORT: '0' };
  const neighbours = await startNeighbours({ ...shared, ...(await standIn(nats.url)) });
  const service = await createService(restProviderOptions, {
    ...shared,
    ...fresh.env,
    WRITE_WAIT_MS: '400',
    FOLLOW_MS: '0',
    API_KEY_CACHE_MS: '0',
    ...env,
  });
  const url = await service.listen();
  compareWithDocument(url, 'rest-provider');
  const pool = new Pool({ connectionString: fresh.url });
  const world = newWorld();

  const provider: RunningProvider = {
    service,
    pool,
    world,
    publish: neighbours.publish,
    async send(method, path, headers, body) {
      const response = await fetch(url + path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: text ? JSON.parse(text) : undefined,
      };
    },
    async read(path, claims) {
      return provider.send('GET', path, { authorization: `Bearer ${await issuer.token(claims)}` });
    },
    client(more = {}) {
      const [tenantId, connectorId, key] = [randomUUID(), randomUUID(), `key-${randomUUID()}`];
      const holder = { apiKeyId: randomUUID(), label: 'Work 365', tenantId, connectorId };
      world.keys.set(hashOf(key), { ...holder, connectorStatus: 'active', ...more });
      const headers = { 'work-365-rest-provider-api-key': key };
      const call: Work365['call'] = (method, path, body) => provider.send(method, path, headers, body);
      return { tenantId, connectorId, apiKeyId: holder.apiKeyId, key, call };
    },
    async stop() {
      await pool.end();
      await service.close();
      await neighbours.stop();
      await issuer.close();
      await fresh.drop();
      await nats.stop();
    },
  };
  return provider;
}

/** `urn:isthmus:problem:<code>` → `<code>`. */
export const codeOf = ({ body }: Answered): string => String(body?.type).replace('urn:isthmus:problem:', '');
