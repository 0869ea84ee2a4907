import { natsProgram, operator, programKeyFile } from '@isthmus/testing/servers';
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
} from '@nats-io/jetstream';
import { AuthorizationError, connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Creates the consumers of a program: one for each stream, filtered by its tenant. A program may not create one itself, because
 * NATS does not restrict to which subject a consumer pushes. Consumers that are there keep their position.
 *
 * @param {string} servers
 * @param {string} keys folder with the operator's key
 * @param {import('@isthmus/testing/servers').NatsProgram} program
 * @param {{waitMs?: number, signal?: AbortSignal}} options how long to wait for streams that services create when they start
 */
export async function createConsumers(servers, keys, { tenant, program }, { waitMs = 60_000, signal } = {}) {
  const { name, consumers } = natsProgram(tenant, program);
  const connection = await connectOperator(servers, keys);
  try {
    const manager = await managerOn(connection, servers);
    const deadline = Date.now() + waitMs;
    for (const { stream, filter } of consumers) {
      const add = () =>
        manager.consumers.add(stream, {
          durable_name: name,
          filter_subject: filter,
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.All,
        });
      for (;;) {
        try {
          await add();
          break;
        } catch (error) {
          const missing =
            error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
          if (!missing || signal?.aborted) throw error;
          if (Date.now() > deadline)
            throw new Error(
              `Stream ${stream} does not exist: start the service that publishes to it first.`,
              {
                cause: error,
              },
            );
          await sleep(250, undefined, { signal });
        }
      }
    }
  } finally {
    await connection.close();
  }
}

/**
 * Checks that the program can use its consumers: that the server knows its key, and has given its account the imports.
 *
 * @throws Error that says what is wrong and what to do
 */
export async function requireAccess(servers, keys, { tenant, program }) {
  const { inboxPrefix, domain, name, consumers } = natsProgram(tenant, program);
  const file = programKeyFile(keys, tenant, program);
  const seed = await readFile(file).catch((cause) => {
    throw new Error(
      `The key ${file} cannot be read (${cause.code}). Create it first: npm run nats -- program ${tenant} ${program}`,
      { cause },
    );
  });
  const connection = await connectWith(seed, file, { servers, inboxPrefix });
  try {
    for (const { stream } of consumers)
      await connection.request(`$JS.${domain}.API.CONSUMER.INFO.${stream}.${name}`, '', { timeout: 5_000 });
  } catch (cause) {
    throw new Error(
      `The consumers are there, but ${program} of tenant ${tenant} does not reach them (${cause.message}). Reload the server once ` +
        'more: it gives a new account its imports only at the second reload.',
      { cause },
    );
  } finally {
    await connection.close();
  }
}

/** @throws Error that says what is wrong and what to do */
async function connectOperator(servers, keys) {
  const file = join(keys, `${operator}.nk`);
  const seed = await readFile(file).catch((cause) => {
    throw new Error(
      `The operator's key ${file} cannot be read (${cause.code}). Run this where the keys are, with --folder if that is another ` +
        'folder; `npm run nats -- keys` creates the keys of a new installation.',
      { cause },
    );
  });
  return connectWith(seed, file, { servers });
}

async function connectWith(seed, file, { servers, inboxPrefix }) {
  try {
    return await connect({ servers, authenticator: nkeyAuthenticator(seed), inboxPrefix });
  } catch (cause) {
    if (cause instanceof AuthorizationError)
      throw new Error(
        `NATS at ${servers} does not accept the key ${file}. Use the folder with the keys of this server; if the server's nats.conf is ` +
          'older than the key, run `npm run nats -- config` and reload the server.',
        { cause },
      );
    if (cause.message.startsWith('nkeys:'))
      throw new Error(
        `The file ${file} contains no key (${cause.message}). Restore it, or delete it and create a new key.`,
        { cause },
      );
    throw new Error(
      `NATS at ${servers} cannot be reached (${cause.message}). Check that it runs, and that NATS_URL is its address.`,
      { cause },
    );
  }
}

async function managerOn(connection, servers) {
  try {
    return await jetstreamManager(connection);
  } catch (cause) {
    if (cause.name !== 'JetStreamNotEnabled') throw cause;
    throw new Error(
      `JetStream is off on NATS at ${servers}. Start the server with the nats.conf of this release, which switches it on ` +
        '(docs/nats.md).',
      { cause },
    );
  }
}
