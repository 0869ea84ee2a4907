import { createService, startInOneProcess } from '@isthmus/service-kit';

// Not awaited: what is loaded later may share a file with this, and would wait for its end.
void startInOneProcess({
  'connector-config': async (settings) =>
    createService(
      (await import('@isthmus/connector-config/connector-config.module.ts')).connectorConfig,
      settings,
    ),
  'account-sync': async (settings) =>
    createService(
      (await import('@isthmus/account-sync/account-sync.module.ts')).accountSyncOptions,
      settings,
    ),
  'account-sync-worker': async (settings) =>
    createService((await import('@isthmus/account-sync/worker.module.ts')).workerOptions, settings),
  'product-catalog': async (settings) =>
    createService(
      (await import('@isthmus/product-catalog/product-catalog.options.ts')).productCatalogOptions,
      settings,
    ),
  'subscription-lifecycle': async (settings) =>
    createService(
      (await import('@isthmus/subscription-lifecycle/service.ts')).subscriptionLifecycle,
      settings,
    ),
  'rest-provider': async (settings) =>
    createService(
      (await import('@isthmus/rest-provider/rest-provider.options.ts')).restProviderOptions,
      settings,
    ),
  webhooks: async (settings) =>
    createService((await import('@isthmus/webhooks/webhooks.module.ts')).webhooksOptions, settings),
  'console-gateway': async (settings) =>
    createService(
      (await import('@isthmus/console-gateway/console-gateway.module.ts')).consoleGatewayOptions,
      settings,
    ),
});
