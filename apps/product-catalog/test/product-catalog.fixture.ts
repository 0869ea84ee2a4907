import { randomUUID } from 'node:crypto';
import {
  defaultAccounts,
  type RunningSimulator,
  type SimulatorOptions,
  startSimulator,
} from '@isthmus/cmp-simulator';
import {
  type ConnectorSettingsV1,
  type ContractClass,
  credentialContext,
  OpenConnector,
  type OpenConnectorResponse,
  PauseConnector,
  type PauseConnectorResponse,
  ReadConnector,
  type ReadConnectorResponse,
} from '@isthmus/contracts';
import { RespondTo, emitMany, event, messagingTablesSql } from '@isthmus/messaging';
import {
  createService,
  inTransaction,
  KeyRing,
  type RunningService,
  seal,
  ServiceEnv,
} from '@isthmus/service-kit';
import {
  compareWithDocument,
  eventually,
  keyRing,
  serviceDatabase,
  standIn,
  startNats,
  testIssuer,
  type TokenClaims,
} from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Controller, Module } from '@nestjs/common';
import { Pool } from 'pg';
import type { ProductCatalogEnv } from '../src/config.ts';
import { productCatalogOptions } from '../src/product-catalog.options.ts';

interface Account {
  username: string;
  password: string;
  subscriptionKey: string;
  marketplace: string;
  accountId: string;
  currency: string;
  country: string;
}

const world = {
  accounts: new Map<string, Account>(),
  apiUrl: '',
  paused: [] as string[],
  connectors: new Map<string, ConnectorSettingsV1>(),
};

const ring = keyRing('k1');

@Controller()
class Connectors {
  @RespondTo(OpenConnector)
  async open({ tenantId, connectorId }: OpenConnector): Promise<OpenConnectorResponse> {
    const { password, subscriptionKey, ...account } = world.accounts.get(connectorId)!;
    const context = { tenantId, connectorId, apiUrl: world.apiUrl, username: account.username };
    const sealed = (field: 'password' | 'subscriptionKey', value: string) =>
      seal(KeyRing.parse(ring), value, credentialContext(context, field, 1));
    return Promise.resolve({
      connectorId,
      name: 'Ingram',
      status: 'active' as const,
      apiUrl: world.apiUrl,
      ...account,
      callLimit: { perMinute: null, perDay: null },
      sealed: {
        password: sealed('password', password),
        passwordVersion: 1,
        subscriptionKey: sealed('subscriptionKey', subscriptionKey),
        subscriptionKeyVersion: 1,
      },
    });
  }

  @RespondTo(ReadConnector)
  read({ connectorId }: ReadConnector): Promise<ReadConnectorResponse> {
    return Promise.resolve({ connector: world.connectors.get(connectorId) });
  }

  @RespondTo(PauseConnector)
  pause({ connectorId }: PauseConnector): Promise<PauseConnectorResponse> {
    world.paused.push(connectorId);
    return Promise.resolve({ status: 'paused' as const });
  }
}

@Module({ controllers: [Connectors] })
class NeighbourModule {}

class OnlyMessaging extends Migration {
  override up(): void {
    for (const sql of messagingTablesSql) this.addSql(sql);
  }
}

/** Stands where account-sync and connector-config are: it publishes events through a real outbox and responds to real requests. */
interface Neighbour {
  accounts: Map<string, Account>;
  paused: string[];
  /** Connectors of which nothing was published yet. */
  connectors: Map<string, ConnectorSettingsV1>;
  publish<T extends object>(
    contract: ContractClass<T>,
    data: T,
    about: { tenantId: string; id: string; version: number },
  ): Promise<string>;
  stop(): Promise<void>;
}

async function startNeighbour(env: Record<string, string>, apiUrl: string): Promise<Neighbour> {
  const database = { entities: [], migrations: [OnlyMessaging] };
  const options = { service: 'account-sync', module: NeighbourModule, config: ServiceEnv, database };
  const fresh = await serviceDatabase(options);
  const service = await createService({ ...options, http: 'health-only' }, { ...env, ...fresh.env });
  world.apiUrl = apiUrl;
  await service.listen();
  return {
    accounts: world.accounts,
    paused: world.paused,
    connectors: world.connectors,
    async publish(contract, data, { tenantId, id, version }) {
      const created = event(contract, data, {
        tenantId,
        aggregateId: id,
        version,
        correlationId: randomUUID(),
      });
      await inTransaction(service.get(Pool), (client) => emitMany(client, [created]));
      return created.id;
    },
    async stop() {
      await service.close();
      await fresh.drop();
    },
  };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the expectations say what is in it
export type Json = any;

interface Answered<T = Json> {
  status: number;
  headers: Headers;
  body: T;
  text: string;
}

interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: an admin of the fixture's tenant. */
  as?: TokenClaims;
}

/** The whole service in this process with servers of its own, the simulator as CMP, and a neighbour that answers for the others. */
export interface RunningCatalog {
  service: RunningService<ProductCatalogEnv>;
  neighbour: Neighbour;
  simulator: RunningSimulator;
  pool: Pool;
  tenantId: string;
  connectorId: string;
  call<T = Json>(method: string, path: string, options?: CallOptions): Promise<Answered<T>>;
  /** A connector to the simulator's account of that marketplace. */
  connector(more?: Record<string, unknown>, marketplace?: 'us' | 'uk'): Promise<string>;
  /** Reads the catalogue over HTTP, queue and worker; answers the run when it has ended. */
  sync(connectorId?: string, more?: { apply?: boolean }): Promise<Json>;
  /** The run once it has ended. */
  ended(runId: string): Promise<Json>;
  /** Subjects and data of public events since the last call, runs left out. */
  published(): Promise<{ subject: string; data: Json; version: number; aggregate: string }[]>;
  one<T = Json>(sql: string, values?: unknown[]): Promise<T>;
  stop(): Promise<void>;
}

export async function runProductCatalog(
  options: SimulatorOptions = {},
  env: Record<string, string> = {},
): Promise<RunningCatalog> {
  const nats = await startNats();
  const simulator = await startSimulator({ limits: { perMinute: null, perDay: null }, ...options });
  const fresh = await serviceDatabase(productCatalogOptions);
  const issuer = await testIssuer();
  const shared = { ...issuer.env, NATS_URL: nats.url, SECRET_RING: ring, LOG_LEVEL: 'silent', PORT: '0' };
  const neighbour = await startNeighbour({ ...shared, ...(await standIn(nats.url)) }, simulator.apiUrl);
  const service = await createService(productCatalogOptions, {
    ...shared,
    ...fresh.env,
    PROGRESS_POLL_MS: '50',
    CATALOG_SYNC_MINUTES: '0',
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    ...env,
  });
  const url = await service.listen();
  compareWithDocument(url, 'product-catalog');
  const pool = new Pool({ connectionString: fresh.url });
  const tenantId = randomUUID();
  let position = 0;

  const catalog: RunningCatalog = {
    service,
    neighbour,
    simulator,
    pool,
    tenantId,
    connectorId: '',
    async call(method, path, { body, headers, as } = {}) {
      const token = await issuer.token({ tenant: tenantId, ...as });
      const json =
        body === undefined || headers?.['content-type'] ? {} : { 'content-type': 'application/json' };
      const raw = typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...json, ...headers },
        body: body === undefined ? undefined : raw ? (body as string) : JSON.stringify(body),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson && text ? JSON.parse(text) : undefined,
      };
    },
    async connector(more = {}, marketplace = 'us') {
      const connectorId = randomUUID();
      neighbour.accounts.set(
        connectorId,
        defaultAccounts.find((one) => one.marketplace === marketplace)!,
      );
      const row = {
        connector_id: connectorId,
        tenant_id: tenantId,
        name: `Ingram ${marketplace}`,
        currency: 'USD',
        status: 'active',
        schedule: JSON.stringify({ tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 }),
        version: 1,
        ...more,
      };
      const names = Object.keys(row);
      await pool.query(
        `insert into connectors (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
        Object.values(row),
      );
      return connectorId;
    },
    async sync(connectorId = catalog.connectorId, more = {}) {
      const headers = { 'idempotency-key': randomUUID() };
      const started = await catalog.call('POST', '/v1/catalog-syncs', {
        body: { connectorId, ...more },
        headers,
      });
      if (started.status !== 202) throw new Error(`The sync was not started: ${started.text}`);
      return catalog.ended(started.body.id);
    },
    ended: (runId) =>
      eventually(
        async () => {
          const { body } = await catalog.call('GET', `/v1/catalog-syncs/${runId}`);
          return ['queued', 'running'].includes(body.status) ? false : body;
        },
        { everyMs: 50 },
      ),
    async published() {
      const { rows } = await pool.query(
        `select position, type as subject, data, aggregate_version::int as version, aggregate_id as aggregate from outbox
         where position > $1 and type not like '%catalog-sync-%' order by position`,
        [position],
      );
      position = rows.at(-1)?.position ?? position;
      return rows.map(({ position: _, subject, ...row }) => ({
        ...row,
        subject: subject.replace('product-catalog.', '').replace('.v1', ''),
      }));
    },
    one: async (sql, values) => (await pool.query(sql, values)).rows[0],
    async stop() {
      await pool.end();
      await service.close();
      await neighbour.stop();
      await simulator.close();
      await issuer.close();
      await fresh.drop();
      await nats.stop();
    },
  };
  catalog.connectorId = await catalog.connector();
  return catalog;
}

/** `urn:isthmus:problem:<code>` → `<code>`. */
export const codeOf = ({ body }: Answered): string => String(body?.type).replace('urn:isthmus:problem:', '');

/** A part number as it stands in an address. */
export const at = (partNumber: string): string => `/v1/part-numbers/${encodeURIComponent(partNumber)}`;
