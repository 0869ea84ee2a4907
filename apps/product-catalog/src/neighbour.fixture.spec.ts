import { randomUUID } from 'node:crypto';
import {
  OpenConnector,
  PauseConnector,
  ReadConnector,
  type ConnectorSettingsV1,
  type ContractClass,
  type OpenedConnector,
  type PausedConnector,
  type ReadConnectorAnswer,
} from '@isthmus/contracts';
import { Answers, emitMany, event, messagingMigrationSql } from '@isthmus/messaging';
import { createService, KeyRing, seal, ServiceEnv } from '@isthmus/service-kit';
import { inTransaction } from '@isthmus/sync-engine';
import { freshDatabase } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Controller, Module } from '@nestjs/common';
import { Pool } from 'pg';

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

@Controller()
class Connectors {
  constructor(private readonly ring: KeyRing) {}

  @Answers(OpenConnector)
  async open({ tenantId, connectorId }: OpenConnector): Promise<OpenedConnector> {
    const { password, subscriptionKey, ...account } = world.accounts.get(connectorId)!;
    const sealed = (field: string, value: string) =>
      seal(this.ring, value, { tenantId, connectorId, field, version: 1 });
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

  @Answers(ReadConnector)
  read({ connectorId }: ReadConnector): Promise<ReadConnectorAnswer> {
    return Promise.resolve({ connector: world.connectors.get(connectorId) });
  }

  @Answers(PauseConnector)
  pause({ connectorId }: PauseConnector): Promise<PausedConnector> {
    world.paused.push(connectorId);
    return Promise.resolve({ status: 'paused' as const });
  }
}

@Module({ controllers: [Connectors] })
class NeighbourModule {}

class OnlyMessaging extends Migration {
  override up(): void {
    for (const sql of messagingMigrationSql) this.addSql(sql);
  }
}

/** Stands where account-sync and connector-config are: it says events through a real outbox and answers real questions. */
export interface Neighbour {
  accounts: Map<string, Account>;
  paused: string[];
  /** Connectors of which nothing was said yet. */
  connectors: Map<string, ConnectorSettingsV1>;
  say<T extends object>(
    contract: ContractClass<T>,
    data: T,
    about: { tenantId: string; id: string; version: number },
  ): Promise<string>;
  stop(): Promise<void>;
}

export async function startNeighbour(env: Record<string, string>, apiUrl: string): Promise<Neighbour> {
  const fresh = await freshDatabase('neighbour');
  const database = { entities: [], migrations: [OnlyMessaging] };
  const service = await createService(
    { service: 'account-sync', module: NeighbourModule, config: ServiceEnv, database, http: 'health-only' },
    { ...env, DATABASE_URL: fresh.url },
  );
  world.apiUrl = apiUrl;
  await service.migrate();
  await service.listen();
  return {
    accounts: world.accounts,
    paused: world.paused,
    connectors: world.connectors,
    async say(contract, data, { tenantId, id, version }) {
      const said = event(contract, data, { tenantId, aggregateId: id, version, correlationId: randomUUID() });
      await inTransaction(service.get(Pool), (client) => emitMany(client, [said]));
      return said.id;
    },
    async stop() {
      await service.close();
      await fresh.drop();
    },
  };
}
