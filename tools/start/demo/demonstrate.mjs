import { connect } from '@isthmus/sdk';
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
 * The main job, through the HTTP API alone (by the SDK), described step by step.
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
    isthmus: connect({ baseUrl: stack.services, token: admin }),
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
