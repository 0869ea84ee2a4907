import { api } from './api.mjs';
import { startListener } from './listener.mjs';
import { startOrderEar } from './order-ear.mjs';
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
 * The main job, through the HTTP API alone, told as it happens.
 * @param {object} stack what `.local/stack.json` holds
 * @param {(line: string) => void} say
 * @param {AbortSignal} signal
 */
export async function demonstrate(stack, say, signal) {
  const [{ admin }] = Object.values(stack.tokens);
  const story = {
    stack,
    say,
    signal,
    connectors: api(stack.services['connector-config'], admin),
    accountSync: api(stack.services['account-sync'], admin),
    catalogue: api(stack.services['product-catalog'], admin),
    lifecycle: api(stack.services['subscription-lifecycle'], admin),
  };
  const listener = await startListener(stack.nats, say);
  try {
    const connector = await createConnector(story);
    await verifyConnectivity(story, connector);
    await syncAccounts(story, connector);
    await syncEverySubscription(story, connector);
    const received = await listener.quiet();
    say(received > 0 ? `   ${received} events were received.\n` : '   Nothing had changed: no events.\n');
    const account = await linkAccount(story, connector);
    const contract = await makeBillingContract(story, account, connector.currency);
    await syncSubscriptions(story, connector, contract);
    await syncCatalogue(story, connector);
    await order(story, connector, account);
  } finally {
    await listener.stop();
  }
}

/** A licence from its purchase to its cancellation. */
async function order(story, connector, account) {
  const ear = await startOrderEar(story.stack.nats, story.say);
  try {
    const product = await resolvePartNumber(story, connector);
    const subscription = await buy(story, connector, account, product);
    await increase(story, connector, account, subscription);
    await decrease(story, connector, account, subscription);
    await cancel(story, connector, account, subscription);
  } finally {
    await ear.stop();
  }
}
