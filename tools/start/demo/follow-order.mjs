import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { syncAndFinish } from './sync.mjs';

const ended = ['settled', 'refused', 'withdrawn', 'completed-not-effective', 'needs-attention'];
const endedWithinMs = 60_000;
/** What the simulated CMP takes to carry an order out, and a little. */
const cmpTakesMs = 1_050;

/**
 * Places an order and follows it until it is settled.
 * @returns the order
 * @throws Error with the order's own explanation when it ends otherwise
 */
export async function orderAndFollow({ lifecycle, accountSync, say, signal }, connector, wanted) {
  const traceId = randomBytes(16).toString('hex');
  const order = await lifecycle.post('/v1/orders', wanted, {
    'idempotency-key': randomUUID(),
    // The caller decides that this one is traced; everything done for it later, CMP's calls and events too, is in it.
    traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
  });
  say(`   Accepted as order ${order.id}, at CMP ${order.marker}, trace ${traceId}.`);
  const reached = (...statuses) => until(lifecycle, order.id, statuses, signal);
  const sent = await reached('accepted', 'proving', ...ended);
  if (sent.status === 'accepted') {
    await sleep(cmpTakesMs, undefined, { signal });
    // Asked for instead of waiting for the next tick: account-sync tells that the order is finished, so that it is looked at.
    await syncAndFinish(accountSync, { connectorId: connector.id, scope: 'orders' }, signal);
  }
  const { status, reason } = await reached(...ended);
  if (status !== 'settled')
    throw new Error(`Order ${order.id} is ${status}. ${reason?.detail} Next: ${reason?.nextStep}`);
  const history = (await lifecycle.get(`/v1/orders/${order.id}`)).history.map((step) => step.status);
  say(`   Settled: ${history.join(' → ')}; the subscription was read again at CMP and is as asked.`);
  return reached('settled');
}

async function until(lifecycle, id, statuses, signal) {
  const deadline = Date.now() + endedWithinMs;
  for (;;) {
    signal.throwIfAborted();
    const order = await lifecycle.get(`/v1/orders/${id}`);
    if (statuses.includes(order.status)) return order;
    if (Date.now() > deadline)
      throw new Error(`Order ${id} is ${order.status} after ${endedWithinMs / 1000} s.`);
    await sleep(50);
  }
}
