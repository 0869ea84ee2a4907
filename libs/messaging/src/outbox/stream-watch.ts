import { Logger } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { ClientBase } from 'pg';
import type { MessagingOptions } from '../messaging-options.ts';
import { ensureStream } from '../nats/ensure-stream.ts';
import type { NatsConnection } from '../nats/nats-connection.ts';
import { NatsAway } from '../nats/nats.errors.ts';
import { streamsOf, type StreamDefinition } from '../nats/stream-definition.ts';
import { countStreamLoss } from '../telemetry/metrics.ts';
import type { Publisher } from './publisher.ts';
import { saveRelayState, type RelayState } from './relay-state.ts';
import { republish } from './republish.ts';
import { lostSince, markOf } from './stream-loss.ts';

const day = 24 * 60 * 60 * 1000;

/** Compares the service's streams with what its outbox published, and says again what they have lost. */
export class StreamWatch {
  readonly #logger = new Logger('StreamWatch');
  readonly #streams: readonly StreamDefinition[];

  constructor(
    private readonly nats: NatsConnection,
    private readonly publisher: Publisher,
    private readonly options: MessagingOptions,
    private readonly source: string,
  ) {
    this.#streams = streamsOf(options.service, options.streamReplicas);
  }

  /**
   * Makes missing streams, and refills them before anything newer is published, so that the order stays.
   *
   * @throws NatsAway when there is no connection now
   */
  async check(client: ClientBase, state: RelayState): Promise<void> {
    const core = this.nats.connected;
    if (!core) throw new NatsAway(this.options.service);
    const jsm = await jetstreamManager(core, { checkAPI: false });
    for (const stream of this.#streams) {
      const info = await ensureStream(jsm, stream);
      this.remember(state);
      const since = await lostSince(jsm, info, state.streams[stream.name]);
      if (since) await this.#refill(client, state, stream, since);
      state.streams[stream.name] = markOf(since ? await jsm.streams.info(stream.name) : info);
    }
    await saveRelayState(client, state);
  }

  /** Takes over what was acknowledged since. */
  remember(state: RelayState): void {
    for (const [stream, seq] of this.publisher.lastStored) {
      const mark = state.streams[stream];
      if (mark) mark.lastSeq = seq;
    }
  }

  async #refill(client: ClientBase, state: RelayState, stream: StreamDefinition, lost: Date): Promise<void> {
    countStreamLoss(stream.name);
    this.#logger.error(
      `Stream ${stream.name} has lost messages published since ${lost.toISOString()}; saying them again.`,
    );
    const isWork = stream.retention === 'workqueue';
    // Work is a pointer to a row that knows whether it is done; a day of it is enough to revive what was open.
    const since = isWork ? new Date(Math.max(lost.getTime(), Date.now() - day)) : lost;
    const subject = stream.subjects[0]!.slice(0, -1);
    // A store that only lost some still recognises their ids and would drop them.
    const anew = lost.getTime() > 0;
    const range = { after: 0, upTo: state.position, since, subject };
    const count = await republish(client, this.publisher, this.source, range, anew);
    this.#logger.log(`Stream ${stream.name}: ${count} messages said again.`);
  }
}
