import { natsProgram, operator } from '@isthmus/testing/servers';
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
} from '@nats-io/jetstream';
import { nkeyAuthenticator } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
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
  const seed = await readFile(join(keys, `${operator}.nk`));
  const connection = await connect({ servers, authenticator: nkeyAuthenticator(seed) });
  try {
    const manager = await jetstreamManager(connection);
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
