import {
  CountAccountRecords,
  CountCatalogRecords,
  CountLifecycleRecords,
  type AccountRecordCounts,
  type CatalogRecordCounts,
  type LifecycleRecordCounts,
} from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { createService, ServiceEnv, type RunningService } from '@isthmus/service-kit';
import { Controller, Module } from '@nestjs/common';

const nothing = {
  accounts: { accounts: 0, links: 0, contracts: 0, liveSubscriptions: 0, openRuns: 0 },
  catalog: { products: 0, mappings: 0, openRuns: 0 },
  lifecycle: {
    liveSubscriptions: 0,
    ordersPlanned: 0,
    ordersSending: 0,
    ordersUnknown: 0,
    ordersAccepted: 0,
    ordersNeedingAttention: 0,
    scheduledChanges: 0,
  },
};
/** What they have, by connector. */
const accounts = new Map<string, AccountRecordCounts>();
const catalog = new Map<string, CatalogRecordCounts>();
const lifecycle = new Map<string, LifecycleRecordCounts>();

let beforeCounting: (connectorId: string) => Promise<void> | void = () => undefined;

@Controller()
class CountingAccounts {
  @Answers(CountAccountRecords)
  async count({ connectorId }: CountAccountRecords): Promise<AccountRecordCounts> {
    await beforeCounting(connectorId);
    return accounts.get(connectorId) ?? nothing.accounts;
  }
}
@Controller()
class CountingCatalog {
  @Answers(CountCatalogRecords)
  count({ connectorId }: CountCatalogRecords): Promise<CatalogRecordCounts> {
    return Promise.resolve(catalog.get(connectorId) ?? nothing.catalog);
  }
}
@Controller()
class CountingLifecycle {
  @Answers(CountLifecycleRecords)
  count({ connectorId }: CountLifecycleRecords): Promise<LifecycleRecordCounts> {
    return Promise.resolve(lifecycle.get(connectorId) ?? nothing.lifecycle);
  }
}
@Module({ controllers: [CountingAccounts] })
class AccountsModule {}
@Module({ controllers: [CountingCatalog] })
class CatalogModule {}
@Module({ controllers: [CountingLifecycle] })
class LifecycleModule {}

/** The three services that have records of connectors, as connector-config meets them: over real requests. */
export async function startNeighbours(env: Record<string, string>) {
  const start = async (service: string, module: new () => object): Promise<RunningService> => {
    const running = await createService(
      { service, module, config: ServiceEnv, http: 'health-only' },
      { ...env, PORT: '0', LOG_LEVEL: 'silent' },
    );
    await running.listen();
    return running;
  };
  const running = [
    await start('account-sync', AccountsModule),
    await start('product-catalog', CatalogModule),
    await start('subscription-lifecycle', LifecycleModule),
  ];
  return {
    give(connectorId: string, counts: { [K in keyof typeof nothing]?: Partial<(typeof nothing)[K]> }) {
      accounts.set(connectorId, { ...nothing.accounts, ...counts.accounts });
      catalog.set(connectorId, { ...nothing.catalog, ...counts.catalog });
      lifecycle.set(connectorId, { ...nothing.lifecycle, ...counts.lifecycle });
    },
    /** What is to happen when account-sync is asked, before it counts. */
    onCount(happening: typeof beforeCounting) {
      beforeCounting = happening;
    },
    /** The last of the three is there no more. */
    stopLast: async () => running.pop()?.close(),
    stop: async () => {
      await Promise.all(running.map((service) => service.close()));
    },
  };
}
