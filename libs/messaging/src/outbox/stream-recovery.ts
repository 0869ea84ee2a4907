import { randomUUID } from 'node:crypto';
import { jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import type { ClientBase } from 'pg';
import type { MessagingOptions } from '../messaging-options.ts';
import { ensureStream, eventStream, hasStream } from '../nats/jetstream.ts';
import { NatsUnavailable, type NatsConnection } from '../nats/nats-connection.ts';
import type { StreamMark } from '../tables.ts';
import { countStreamLoss } from '../telemetry.ts';
import { type OutboxRange, type RelayState, saveRelayState, searchOutbox, toOutgoing } from './outbox.ts';
import type { Publisher } from './publisher.ts';

/** Compares the service's stream with what its outbox published, and publishes again what it has lost. */
export class StreamWatch {
  readonly #logger = new Logger('StreamWatch');
  constructor(
    private readonly nats: NatsConnection,
    private readonly publisher: Publisher,
    private readonly options: MessagingOptions,
    private readonly source: string,
  ) {}

  /**
   * Creates the stream if it is missing, and refills it before anything newer is published, so that the order is preserved.
   *
   * @throws NatsUnavailable if there is currently no connection
   */
  async check(client: ClientBase, state: RelayState): Promise<void> {
    const { service, streamReplicas } = this.options;
    const core = this.nats.connected;
    if (!core) throw new NatsUnavailable(service);
    if (!hasStream(service)) return;
    const jsm = await jetstreamManager(core, { checkAPI: false });
    const info = await ensureStream(jsm, eventStream(service, streamReplicas));
    const { name } = info.config;
    this.remember(state);
    const since = await lostSince(jsm, info, state.streams[name]);
    if (since) await this.#refill(client, state, name, since);
    state.streams[name] = markOf(since ? await jsm.streams.info(name) : info);
    await saveRelayState(client, state);
  }

  /** Adopts the sequences acknowledged since. */
  remember(state: RelayState): void {
    for (const [stream, seq] of this.publisher.lastStored) {
      const mark = state.streams[stream];
      if (mark) mark.lastSeq = seq;
    }
  }

  async #refill(client: ClientBase, state: RelayState, stream: string, since: Date): Promise<void> {
    countStreamLoss(stream);
    this.#logger.error(
      `Stream ${stream} has lost messages published since ${since.toISOString()}; republishing them.`,
    );
    // A stream that lost only some messages still recognises their ids and would drop them.
    const newIds = since.getTime() > 0;
    const range = { after: 0, upTo: state.position, since };
    const count = await republish(client, this.publisher, this.source, range, newIds);
    this.#logger.log(`Stream ${stream}: ${count} messages republished.`);
  }
}

/** Maximum difference between the clocks of the database's clients and of JetStream. */
const slackMs = 60_000;

/** The current state of a stream. */
export const markOf = ({ created, state }: StreamInfo): StreamMark => ({
  created: new Date(created).toISOString(),
  lastSeq: state.last_seq,
  gaps: state.num_deleted ?? 0,
});

/**
 * The time since which a stream has lost messages, compared with its last state and its acknowledgements; undefined if it is
 * complete. Acknowledged messages can be lost: https://jepsen.io/analyses/nats-2.12.1.
 */
export async function lostSince(
  jsm: JetStreamManager,
  info: StreamInfo,
  known: StreamMark | undefined,
): Promise<Date | undefined> {
  if (!known) return undefined;
  const now = markOf(info);
  if (now.created !== known.created) return new Date(0);
  if (now.lastSeq < known.lastSeq)
    return earlier(info.state.messages === 0 ? 0 : Date.parse(String(info.state.last_ts)));
  // Single events are never deleted, so a hole means loss.
  if (now.gaps > known.gaps) return await beforeFirstHole(jsm, info);
  return undefined;
}

async function beforeFirstHole(jsm: JetStreamManager, info: StreamInfo): Promise<Date> {
  const { state } = await jsm.streams.info(info.config.name, { deleted_details: true });
  const hole = Math.min(...(state.deleted ?? []));
  const before = Number.isFinite(hole)
    ? await jsm.streams.getMessage(info.config.name, { seq: hole - 1 })
    : null;
  return earlier(before ? before.time.getTime() : Date.parse(String(state.first_ts)));
}

const earlier = (time: number): Date => new Date(Math.max(0, time - slackMs));

/**
 * Publishes events again, in order. Consumers recognise them by their ids.
 *
 * @param newIds true when JetStream has to store the messages even if it has them: for consumers that need them again
 * @returns how many events were published
 */
export async function republish(
  client: ClientBase,
  publisher: Publisher,
  source: string,
  range: OutboxRange,
  newIds: boolean,
): Promise<number> {
  const suffix = newIds ? `:${randomUUID()}` : '';
  let count = 0;
  for (let after = range.after; ;) {
    const rows = await searchOutbox(client, { ...range, after }, 1_000);
    if (rows.length === 0) return count;
    const messages = rows.map((row) => toOutgoing(row, source));
    messages.forEach(({ headers }, index) => headers.set('Nats-Msg-Id', rows[index]!.id + suffix));
    const failure = (await publisher.publishAll(messages)).find(
      (result) => result?.code === 'publish.unconfirmed',
    );
    if (failure) throw failure;
    count += rows.length;
    after = rows.at(-1)!.position;
  }
}
