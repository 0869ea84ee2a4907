// Prints what happens to subscriptions. It knows NATS and the event list (docs/generated/events.md), nothing else of ours.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const stackFile = new URL('../../.local/stack.json', import.meta.url);
const local = existsSync(stackFile) ? JSON.parse(readFileSync(stackFile, 'utf8')) : {};
const servers = process.env.NATS_URL ?? local.nats ?? 'nats://127.0.0.1:4222';

const stream = 'ACCOUNT_SYNC';
const durable = process.env.LISTENER_NAME ?? 'subscription-listener';
const subjects = ['appeared', 'changed', 'ended'].map(
  (what) => `account-sync.*.provider-subscription-${what}.v1`,
);

const connection = await connect({ servers, name: durable, maxReconnectAttempts: -1 });
process.once('SIGINT', () => connection.drain()).once('SIGTERM', () => connection.drain());

console.log(`Listening on ${servers} as ${durable}.`);

// Durable: NATS remembers how far we have come, so nothing is missed while this program is down.
const manager = await jetstreamManager(connection);
while (!(await subscribed())) await sleep(500);
const consumer = await jetstream(connection).consumers.get(stream, durable);

for await (const message of await consumer.consume()) {
  const header = (name) => message.headers?.get(name);
  const subscription = message.json();
  const lines = (subscription.lines ?? []).map(({ mpn, quantity }) => `${quantity} x ${mpn}`);
  console.log(
    [
      header('ce-time'),
      header('ce-type'),
      `CMP ${subscription.cmpSubscriptionId}`,
      subscription.name,
      subscription.status,
      lines.join(', '),
      subscription.changed && `changed: ${subscription.changed.join(', ')}`,
    ]
      .filter(Boolean)
      .join('  '),
  );
  // The same event may come twice: a real consumer keeps its `ce-id` with what it did, and acknowledges after that.
  message.ack();
}

/** False while the stream does not exist: its producer creates it, and may start after us. */
async function subscribed() {
  try {
    await manager.consumers.add(stream, {
      durable_name: durable,
      filter_subjects: subjects,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
    });
    return true;
  } catch (error) {
    if (error.name === 'StreamNotFoundError') return false;
    throw error;
  }
}
