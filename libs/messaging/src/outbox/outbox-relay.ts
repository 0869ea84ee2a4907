import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type Span, SpanKind } from '@opentelemetry/api';
import { Client, type ClientBase, Pool } from 'pg';
import { parkMessage } from './park-message.ts';
import { plainHeaders } from '../message.ts';
import { MessagingOptions } from '../messaging-options.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { backoffMs, pause, RetryLoop, WakeSignal } from '../retry-loop.ts';
import { attributes, countPublished, recordRelayDelay, startSpanOf, traceparentOf } from '../telemetry.ts';
import { OutboxFence } from './outbox-fence.ts';
import {
  loadRelayState,
  type OutboxRow,
  prune,
  readOutbox,
  type RelayState,
  saveRelayState,
  toOutgoing,
} from './outbox.ts';
import { type Outgoing, Publisher, type PublishFailure, PublishRefused } from './publisher.ts';
import { republish, StreamWatch } from './stream-recovery.ts';

export interface ReplayRange {
  since?: Date;
  /** The first position to publish again. */
  fromPosition?: number;
  /** A contract's subject; all when left out. */
  subject?: string;
}

/**
 * Publishes the outbox to JetStream, at least once and in order per aggregate. Every process of a service has one; a lock lets
 * one of them work at a time.
 */
@Injectable()
export class Relay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #source: string;
  readonly #loop = new RetryLoop({
    name: 'Relay',
    run: (signal) => this.#session(signal),
    idleMs: 0,
    isOutage: () => true,
    log: new Logger('Relay'),
  });

  constructor(
    private readonly pool: Pool,
    private readonly nats: NatsConnection,
    private readonly publisher: Publisher,
    private readonly options: MessagingOptions,
  ) {
    this.#source = `/isthmus/${options.service}`;
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  start(): void {
    this.#loop.start();
  }

  /** Resolves when it has stopped. What is in the outbox stays there for the next start. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /**
   * Publishes kept rows again, to every consumer; those that have recorded an event in their inbox skip it.
   *
   * @returns how many events were published
   */
  async replay({ since, fromPosition = 1, subject }: ReplayRange): Promise<number> {
    const client = await this.pool.connect();
    try {
      const { position } = await loadRelayState(client);
      const range = { after: fromPosition - 1, upTo: position, since, subject };
      return await republish(client, this.publisher, this.#source, range, true);
    } finally {
      client.release();
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const client = new Client({ ...this.pool.options, application_name: `${this.options.service} relay` });
    // Without a listener a lost connection would end the process; the next query reports it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const watch = new StreamWatch(this.nats, this.publisher, this.options, this.#source);
      await new RelaySession(
        client,
        this.nats,
        this.publisher,
        watch,
        this.options,
        this.#source,
        signal,
      ).run();
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Any number will do; it is the same in every service, as each has its own database. */
const lockKey = 4_915_001;
const batchSize = 1_000;
const fencePollMs = 20;
const pruneEveryMs = 60_000;

/** The relay on one database connection: its lock, its notifications and its checkpoint all end with the connection. */
class RelaySession {
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

  /** Relays until the signal is aborted; rejects when the connection is lost. */
  async run(): Promise<void> {
    // A relay that hangs without dying would hold the lock for ever; this way PostgreSQL ends its session.
    await this.client.query(`set idle_session_timeout = '15s'; listen outbox`);
    await this.#acquireLock();
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
  async #acquireLock(): Promise<void> {
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
      // The next rows are read while these are being published.
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
    // Positions of transactions that were rolled back have no rows, but need not be read again.
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

const triesBeforeParking = 5;
const resendBackoff = { firstMs: 100, mostMs: 1_000 };

/** Sends rows until each is stored or parked. */
class RowSender {
  constructor(
    private readonly client: ClientBase,
    private readonly publisher: Publisher,
    private readonly source: string,
    /** Makes sure that the streams exist; rejects while NATS cannot be reached. */
    private readonly recover: () => Promise<void>,
  ) {}

  /**
   * Only what failed is sent again: JetStream would drop the rest as duplicates.
   *
   * @returns false when the signal stopped it before everything was stored
   */
  async send(rows: readonly OutboxRow[], signal: AbortSignal): Promise<boolean> {
    const spans: Span[] = [];
    let open = rows.map((row) => this.#toOutgoing(row, spans));
    for (let tries = 1; ; tries += 1) {
      const failures = await this.publisher.publishAll(open);
      open = await this.#stillOpen(open, failures, tries);
      if (open.length === 0 || signal.aborted) break;
      await pause(backoffMs(tries - 1, resendBackoff), signal);
      // Also shows PostgreSQL that this session is alive, or it would give the lock to another relay.
      await this.client.query('select 1');
      await this.recover().catch(() => undefined);
    }
    for (const span of spans) span.end();
    return open.length === 0;
  }

  async #stillOpen(
    sent: Outgoing[],
    failures: (PublishFailure | undefined)[],
    tries: number,
  ): Promise<Outgoing[]> {
    const open: Outgoing[] = [];
    for (const [index, failure] of failures.entries()) {
      if (!failure) continue;
      const message = sent[index]!;
      if (failure instanceof PublishRefused && tries >= triesBeforeParking)
        await this.#park(message, failure, tries);
      else open.push(message);
    }
    return open;
  }

  async #park({ subject, headers, payload }: Outgoing, error: PublishFailure, tries: number): Promise<void> {
    await parkMessage(this.client, {
      direction: 'out',
      subject,
      headers: plainHeaders(headers),
      payload: Buffer.from(payload as string),
      reason: error.code,
      error,
      tries,
    });
  }

  #toOutgoing(row: OutboxRow, spans: Span[]): Outgoing {
    if (!row.traceparent) return toOutgoing(row, this.source);
    const span = startSpanOf(row.traceparent, `publish ${row.subject}`, SpanKind.PRODUCER, {
      [attributes.system]: 'nats',
      [attributes.operation]: 'publish',
      [attributes.destination]: row.subject,
      [attributes.messageId]: row.id,
      [attributes.tenantId]: row.tenantId,
      [attributes.correlationId]: row.correlationId,
    });
    spans.push(span);
    return toOutgoing(row, this.source, traceparentOf(span.spanContext()));
  }
}
