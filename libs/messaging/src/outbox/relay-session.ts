import type { Client } from 'pg';
import type { MessagingOptions } from '../messaging-options.ts';
import type { NatsConnection } from '../nats/nats-connection.ts';
import { countPublished, recordRelayDelay } from '../telemetry/metrics.ts';
import { pause, WakeSignal } from '../retry-loop.ts';
import { OutboxFence } from './outbox-fence.ts';
import { readOutbox, type OutboxRow } from './outbox-rows.ts';
import { prune } from './prune.ts';
import type { Publisher } from './publisher.ts';
import { loadRelayState, saveRelayState, type RelayState } from './relay-state.ts';
import { RowSender } from './row-sender.ts';
import type { StreamWatch } from './stream-watch.ts';

/** Any number will do; it is the same in every service, as each has its own database. */
const lockKey = 4_915_001;
const batchSize = 1_000;
const fencePollMs = 20;
const pruneEveryMs = 60_000;

/** The relay's time with one database connection: its lock, its wake-ups and its checkpoint all end with it. */
export class RelaySession {
  #state: RelayState = { position: 0, streams: {} };
  readonly #wakeSignal = new WakeSignal();
  #watchDue = 0;
  #pruneDue = Date.now() + pruneEveryMs;

  constructor(
    private readonly client: Client,
    private readonly nats: NatsConnection,
    private readonly publisher: Publisher,
    private readonly watch: StreamWatch,
    private readonly options: MessagingOptions,
    private readonly source: string,
    private readonly signal: AbortSignal,
  ) {
    const wake = () => this.#wakeSignal.wake();
    client.on('notification', wake);
    client.on('end', wake);
    nats.onDisconnect(() => (this.#watchDue = 0));
  }

  /** Relays until the signal says stop; rejects when the connection is lost. */
  async run(): Promise<void> {
    // A relay that is stopped without dying would hold the lock for ever; PostgreSQL then ends its session.
    await this.client.query(`set idle_session_timeout = '15s'; listen outbox`);
    await this.#becomeTheOnlyOne();
    this.#state = await loadRelayState(this.client);
    const fence = new OutboxFence(this.#state.position);
    const sender = new RowSender(this.client, this.publisher, this.source, () => this.#checkStreams());
    while (!this.signal.aborted) {
      if (!this.nats.connected) {
        await this.client.query('select 1');
        await this.#wakeSignal.wait(this.options.pollMs, this.signal);
        continue;
      }
      if (Date.now() >= this.#watchDue) await this.#checkStreams();
      const upTo = await fence.passable(this.client);
      if (upTo > this.#state.position) await this.#relay(sender, upTo);
      else if (Date.now() >= this.#pruneDue) await this.#prune();
      await this.#wakeSignal.wait(fence.waiting ? fencePollMs : this.options.pollMs, this.signal);
    }
  }

  /** Two relays would overtake each other, and an aggregate's events would change their order. */
  async #becomeTheOnlyOne(): Promise<void> {
    while (!this.signal.aborted) {
      const { rows } = await this.client.query<{ locked: boolean }>(
        'select pg_try_advisory_lock($1) as locked',
        [lockKey],
      );
      if (rows[0]?.locked) return;
      await pause(1_000, this.signal);
    }
  }

  async #relay(sender: RowSender, upTo: number): Promise<void> {
    const read = (after: number) => readOutbox(this.client, { after, upTo }, batchSize);
    let rows: OutboxRow[] = await read(this.#state.position);
    while (rows.length > 0) {
      const last = rows.at(-1)!.position;
      // The next rows are read while these are on their way.
      const [sent, next] = await Promise.all([
        sender.send(rows, this.signal),
        rows.length < batchSize ? [] : read(last),
      ]);
      if (!sent) return;
      recordRelayDelay(Date.now() - rows[0]!.time.getTime());
      countPublished(rows.length);
      await this.#save(last);
      rows = next;
    }
    // Positions of transactions that were rolled back have no rows, but need not be looked for again.
    this.#state.position = upTo;
  }

  async #save(position: number): Promise<void> {
    this.#state.position = position;
    this.watch.remember(this.#state);
    await saveRelayState(this.client, this.#state);
  }

  async #checkStreams(): Promise<void> {
    await this.watch.check(this.client, this.#state);
    this.#watchDue = Date.now() + this.options.watchdogMs;
  }

  async #prune(): Promise<void> {
    const more = await prune(this.client, this.options.keepOutboxDays, this.#state.position);
    this.#pruneDue = Date.now() + (more ? 0 : pruneEveryMs);
  }
}
