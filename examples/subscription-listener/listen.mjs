// Prints what happens to a tenant's subscriptions. It knows NATS and the event list (docs/generated/events.md), nothing else of ours.
import { existsSync, readFileSync } from 'node:fs';
import { jetstream } from '@nats-io/jetstream';
import { AuthorizationError, connect, nkeyAuthenticator } from '@nats-io/transport-node';

const stackFile = process.env.STACK_FILE ?? new URL('../../.local/stack.json', import.meta.url);
const stack = existsSync(stackFile) ? JSON.parse(readFileSync(stackFile, 'utf8')) : undefined;
const tenant = process.env.TENANT ?? Object.keys(stack?.tokens ?? {})[0];
const program = process.env.PROGRAM ?? 'listener';
const servers = process.env.NATS_URL ?? stack?.nats ?? 'nats://127.0.0.1:4222';
const keyFile = process.env.NATS_NKEY_SEED_FILE;

/** Ends the program with its message. */
class Stop extends Error {}

try {
  await listen();
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

async function listen() {
  if (!tenant)
    throw new Stop('Set TENANT to the id of a tenant, or run npm start in the repository root first.');
  const { seed, inboxPrefix } = credentials();
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
  // The connection is closed for good when we drained it, or when the key was revoked.
  const reason = await connection.closed();
  if (reason) throw reason;
}

/** What an operator of Isthmus handed out: a key, and the name of the consumers that were created for it. */
function credentials() {
  if (!keyFile) {
    const ofStart = stack?.natsCredentials.programs[tenant];
    if (ofStart) return ofStart;
    throw new Stop(
      `There is no key: npm start ${stack ? `has none for tenant ${tenant}` : 'is not running'}. Set NATS_NKEY_SEED_FILE to the key ` +
        'that an operator of Isthmus created (npm run nats -- program), or run npm start and leave TENANT out.',
    );
  }
  try {
    return {
      seed: readFileSync(keyFile, 'utf8').trim(),
      inboxPrefix: `_INBOX.program.${tenant}.${program}`,
    };
  } catch (error) {
    throw new Stop(`The key ${keyFile} cannot be read (${error.code}). Correct NATS_NKEY_SEED_FILE.`);
  }
}

function explain(error) {
  const who = `program ${program} of tenant ${tenant}`;
  const from = keyFile ?? 'the running npm start';
  if (error instanceof Stop) return error.message;
  if (error instanceof AuthorizationError)
    return `NATS at ${servers} refused the key of ${who} (from ${from}): it was revoked, or the server does not know it yet. Ask an operator to run npm run nats -- program ${tenant} ${program} and to reload the server.`;
  if (['ConsumerNotFoundError', 'StreamNotFoundError'].includes(error.name))
    return `NATS at ${servers} has no consumer for ${who}. Ask an operator to run npm run nats -- consumers ${tenant} ${program}.`;
  if (error.name === 'JetStreamNotEnabled')
    return `NATS at ${servers} does not respond to ${who}: JetStream is off, or the server has to be reloaded once more for a new program. Ask an operator to run npm run nats -- consumers ${tenant} ${program}, which says which.`;
  if (error.message.startsWith('nkeys:'))
    return `The key in ${from} is none: it has to be the text that begins with SU. Ask an operator for the file again.`;
  if (error.name === 'PermissionViolationError' || error.cause?.name === 'PermissionViolationError')
    return `The key from ${from} is not that of ${who} (${error.message}). Check TENANT and PROGRAM.`;
  if (error.name === 'ConnectionError' || error.code)
    return `NATS at ${servers} cannot be reached (${error.message}). Check that it runs, and that NATS_URL is its address.`;
  return `Listening on ${servers} as ${who} ended: ${error.stack}`;
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
