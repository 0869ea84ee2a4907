// Prints what happens to a tenant's subscriptions. It knows NATS and the event list (docs/generated/events.md), nothing else of ours.
import { existsSync, readFileSync } from 'node:fs';
import { jetstream } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';

const stackFile = process.env.STACK_FILE ?? new URL('../../.local/stack.json', import.meta.url);
const stack = existsSync(stackFile) ? JSON.parse(readFileSync(stackFile, 'utf8')) : undefined;
const tenant = process.env.TENANT ?? Object.keys(stack?.tokens ?? {})[0];
if (!tenant)
  throw new Error('Set TENANT to the id of a tenant, or run npm start in the repository root first.');

// What an operator of Isthmus handed out: a key, and the name of the consumers that were created for it.
const program = process.env.PROGRAM ?? 'listener';
const { seed, inboxPrefix } = process.env.NATS_NKEY_SEED_FILE
  ? {
      seed: readFileSync(process.env.NATS_NKEY_SEED_FILE, 'utf8').trim(),
      inboxPrefix: `_INBOX.program.${tenant}.${program}`,
    }
  : stack.natsCredentials.programs[tenant];
const servers = process.env.NATS_URL ?? stack?.nats ?? 'nats://127.0.0.1:4222';

const connection = await connect({
  servers,
  name: program,
  authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
  // Responses come back under subjects that only this program may subscribe to.
  inboxPrefix,
  maxReconnectAttempts: -1,
});
process.once('SIGINT', () => connection.drain()).once('SIGTERM', () => connection.drain());

// Durable: NATS remembers how far we have come, so nothing is missed while this program is down.
// The domain leads to the streams of Isthmus, which are in another account than this program.
const consumer = await jetstream(connection, { domain: 'isthmus' }).consumers.get(
  'ACCOUNT_SYNC',
  `${tenant}-${program}`,
);
console.log(`Listening on ${servers} as ${program} of tenant ${tenant}.`);

for await (const message of await consumer.consume()) {
  const header = (name) => message.headers?.get(name);
  // The consumer has all the tenant's events of account-sync; here only what happens to subscriptions counts.
  if (header('ce-type').startsWith('account-sync.provider-subscription-')) print(header, message.json());
  // The same event may come twice: a real consumer keeps its `ce-id` with what it did, and acknowledges after that.
  message.ack();
}

function print(header, subscription) {
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
}
