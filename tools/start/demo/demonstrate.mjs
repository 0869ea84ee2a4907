import { api } from './api.mjs';
import { startOrderListener, startSubscriptionListener } from './listeners.mjs';
import { buy, cancel, decrease, increase, resolvePartNumber } from './ordering.mjs';
import {
  createConnector,
  linkAccount,
  makeBillingContract,
  syncAccounts,
  syncCatalogue,
  syncEverySubscription,
  syncSubscriptions,
  verifyConnectivity,
} from './steps.mjs';

/**
 * The main job, through the HTTP API alone, described step by step.
 * @param {object} stack the contents of `.local/stack.json`
 * @param {(line: string) => void} say
 * @param {AbortSignal} signal
 */
export async function demonstrate(stack, say, signal) {
  const [[tenant, { admin }]] = Object.entries(stack.tokens);
  const demo = {
    stack,
    tenant,
    say,
    signal,
    connectors: api(stack.services['connector-config'], admin),
    accountSync: api(stack.services['account-sync'], admin),
    catalogue: api(stack.services['product-catalog'], admin),
    lifecycle: api(stack.services['subscription-lifecycle'], admin),
  };
  const listener = await startSubscriptionListener(demo, say);
  try {
    const connector = await createConnector(demo);
    await verifyConnectivity(demo, connector);
    await syncAccounts(demo, connector);
    await syncEverySubscription(demo, connector);
    const received = await listener.quiet();
    say(received > 0 ? `   ${received} events were received.\n` : '   Nothing had changed: no events.\n');
    const account = await linkAccount(demo, connector);
    const contract = await makeBillingContract(demo, account, connector.currency);
    await syncSubscriptions(demo, connector, contract);
    await syncCatalogue(demo, connector);
    await order(demo, connector, account);
  } finally {
    await listener.stop();
  }
}

/** The life of a licence, from its purchase to its cancellation. */
async function order(demo, connector, account) {
  const orderListener = await startOrderListener(demo, demo.say);
  try {
    const product = await resolvePartNumber(demo, connector);
    const subscription = await buy(demo, connector, account, product);
    await increase(demo, connector, account, subscription);
    await decrease(demo, connector, account, subscription);
    await cancel(demo, connector, account, subscription);
  } finally {
    await orderListener.stop();
  }
}
