import { eventSubject, eventSubjects } from '@isthmus/contracts';
import { MikroORM } from '@mikro-orm/postgresql';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type Span, SpanKind } from '@opentelemetry/api';
import { Client, type ClientBase, escapeIdentifier, Pool } from 'pg';
import { parkMessage } from './park-message.ts';
import { plainHeaders } from '../message.ts';
import { MessagingOptions } from '../messaging-options.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { backoffMs, retry, RetryLoop } from '../retry-loop.ts';
import { attributes, countPublished, recordRelayDelay, startSpanOf, traceparentOf } from '../telemetry.ts';
import { InsertFence } from './insert-fence.ts';
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
  /** An event's type; all when left out. */
  type?: string;
}

/** What a new connection to PostgreSQL may take, the look-up of its name included: longer than on a busy machine. A service that is to end waits for it. */
export const connectTimeoutMs = 5_000;

/**
 * Publishes the outbox to JetStream, at least once and in order per aggregate. Every process of a service has one; a lock lets
 * one of them work at a time.
 */
@Injectable()
export class Relay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #source: string;
  #session?: RelaySession;
  readonly #loop = new RetryLoop({
    name: 'Relay',
    run: (signal) => this.#round(signal),
    idleMs: () => this.#session?.idleMs ?? 0,
    isOutage: () => true,
    log: new Logger('Relay'),
  });

  constructor(
    private readonly pool: Pool,
    private readonly orm: MikroORM,
    private readonly nats: NatsConnection,
    private readonly publisher: Publisher,
    private readonly options: MessagingOptions,
  ) {
    this.#source = `/isthmus/${options.service}`;
    nats.onDisconnect(() => this.#session?.checkStreamsSoon());
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
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#endSession();
  }

  /**
   * Publishes stored rows again, to every consumer; consumers that have recorded an event in their inbox skip it.
   *
   * @returns the number of published events
   */
  async replay({ since, fromPosition = 1, type }: ReplayRange): Promise<number> {
    const { position } = await loadRelayState(this.orm.em.fork());
    const client = await this.pool.connect();
    try {
      const range = { after: fromPosition - 1, upTo: position, since, type };
      return await this.options.tenants.across('relay the outbox', () =>
        republish(client, this.publisher, this.#source, range, true),
      );
    } finally {
      client.release();
    }
  }

  /** A session lasts until a round of it fails: then its connection is given up, and with it the lock. */
  async #round(signal: AbortSignal): Promise<void> {
    try {
      this.#session ??= this.#newSession();
      await this.#session.round(signal);
    } catch (error) {
      await this.#endSession();
      throw error;
    }
  }

  #newSession(): RelaySession {
    const own = {
      application_name: `${this.options.service} relay`,
      connectionTimeoutMillis: connectTimeoutMs,
    };
    const client = new Client({ ...this.pool.options, ...own });
    // Without a listener a lost connection would end the process; the next query reports it.
    client.on('error', () => undefined);
    client.on('notification', () => this.#loop.wake());
    client.on('end', () => this.#loop.wake());
    const watch = new StreamWatch(this.nats, this.publisher, this.options, this.#source);
    const sender = new RowSender(client, this.publisher, this.#source);
    return new RelaySession(client, this.orm, this.nats, watch, sender, this.options);
  }

  async #endSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
  }
}

/** Any number will do; it is the same in every service, as each has its own database. */
const lockKey = 4_915_001;
const lockPollMs = 1_000;
const batchSize = 1_000;
const fencePollMs = 20;
const pruneEveryMs = 60_000;

/** The relay on one database connection: its lock, its notifications and its checkpoint all end with the connection. */
class RelaySession {
  #state: RelayState = { position: 0, streams: {} };
  #connected = false;
  /** Set while this relay has the lock. */
  #fence?: InsertFence;
  #watchDue = 0;
  #pruneDue = Date.now() + pruneEveryMs;

  constructor(
    private readonly client: Client,
    private readonly orm: MikroORM,
    private readonly nats: NatsConnection,
    private readonly watch: StreamWatch,
    private readonly sender: RowSender,
    private readonly options: MessagingOptions,
  ) {}

  /** Time until the next poll unless a notification comes first. */
  get idleMs(): number {
    if (!this.#fence) return lockPollMs;
    return this.#fence.waiting && this.nats.connected ? fencePollMs : this.options.pollMs;
  }

  checkStreamsSoon(): void {
    this.#watchDue = 0;
  }

  /** Relays what can be relayed now, if this is the relay that has the lock. Rejects when the connection is lost. */
  async round(signal: AbortSignal): Promise<void> {
    if (!this.#connected) await this.#connect();
    this.#fence ??= await this.#tryLock();
    if (!this.#fence) return;
    if (!this.nats.connected) {
      await this.client.query('select 1');
      return;
    }
    if (Date.now() >= this.#watchDue) await this.#checkStreams();
    const upTo = await this.#fence.passable(this.client);
    if (upTo > this.#state.position) await this.#relay(upTo, signal);
    else if (Date.now() >= this.#pruneDue) await this.#prune();
  }

  async end(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    await this.client.connect();
    // A relay that hangs without dying would hold the lock for ever; this way PostgreSQL ends its session.
    await this.client.query(`set idle_session_timeout = '15s'`);
    const { crossTenantRole } = this.options.tenants;
    if (crossTenantRole) await this.client.query(`set role ${escapeIdentifier(crossTenantRole)}`);
    this.#connected = true;
  }

  /** Two relays would overtake each other, and an aggregate's events would change their order. */
  async #tryLock(): Promise<InsertFence | undefined> {
    const { rows } = await this.client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1) as locked',
      [lockKey],
    );
    if (!rows[0]?.locked) return undefined;
    await this.client.query('listen outbox');
    this.#state = await loadRelayState(this.orm.em.fork());
    return new InsertFence('outbox', this.#state.position);
  }

  async #relay(upTo: number, signal: AbortSignal): Promise<void> {
    const read = (after: number) => readOutbox(this.client, { after, upTo }, batchSize);
    let rows: OutboxRow[] = await read(this.#state.position);
    while (rows.length > 0) {
      const last = rows.at(-1)!.position;
      // The next rows are read while these are being published.
      const [sent, next] = await Promise.all([
        // Makes sure that the streams exist; rejects while NATS cannot be reached.
        this.sender.send(rows, () => this.#checkStreams().catch(() => undefined), signal),
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
const resendBackoff = { firstMs: 100, maxMs: 1_000 };

/** Sends rows until each is stored or parked. */
class RowSender {
  constructor(
    private readonly client: ClientBase,
    private readonly publisher: Publisher,
    private readonly source: string,
  ) {}

  /**
   * Only what failed is sent again: JetStream would drop the rest as duplicates.
   *
   * @param recover called before everything is sent again; must not reject
   * @returns false when the signal stopped it before everything was stored
   */
  async send(
    rows: readonly OutboxRow[],
    recover: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const spans: Span[] = [];
    let open = rows.map((row) => this.#toOutgoing(row, spans));
    let tries = 0;
    const sendOpen = async () => {
      if (tries > 0) {
        // Also shows PostgreSQL that this session is alive, or it would give the lock to another relay.
        await this.client.query('select 1');
        await recover();
      }
      tries += 1;
      open = await this.#stillOpen(open, await this.publisher.publishAll(open), tries);
      if (open.length > 0) throw new SomeNotStored(open.length);
      return true;
    };
    const delayMs = (error: unknown, failures: number) =>
      error instanceof SomeNotStored ? backoffMs(failures, resendBackoff) : undefined;
    const stored = await retry(sendOpen, { signal, delayMs });
    for (const span of spans) span.end();
    return stored ?? false;
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
    const template = eventSubjects({ eventType: row.type }, '{tenant}');
    const span = startSpanOf(row.traceparent, `publish ${template}`, SpanKind.PRODUCER, {
      [attributes.system]: 'nats',
      [attributes.operation]: 'send',
      [attributes.operationName]: 'publish',
      [attributes.destination]: eventSubject(row.type, row.tenantId),
      [attributes.destinationTemplate]: template,
      [attributes.messageId]: row.id,
      [attributes.tenantId]: row.tenantId,
      [attributes.correlationId]: row.correlationId,
    });
    spans.push(span);
    return toOutgoing(row, this.source, traceparentOf(span.spanContext()));
  }
}

class SomeNotStored extends Error {
  override readonly name = 'SomeNotStored';

  constructor(count: number) {
    super(`JetStream has not stored ${count} messages yet.`);
  }
}
