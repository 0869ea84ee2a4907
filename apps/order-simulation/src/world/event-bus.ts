import type { Clock } from '@isthmus/domain';
import { Message, type NewEvent, type RetryPolicy, type AckDecision } from '@isthmus/messaging';
import type { EventRules } from './event-rules.ts';
import type { Random } from './random.ts';

/** A row of an outbox. Positions begin at 1 and follow the order of commits. */
export interface OutboxRow {
  position: number;
  event: NewEvent;
}

/** An outbox in memory, written together with the change that its events are about. */
export class MemoryOutbox {
  readonly rows: OutboxRow[] = [];
  private bell = Promise.withResolvers<void>();

  constructor(
    private readonly clock: Clock,
    private readonly idSeed: number,
  ) {}

  append(events: readonly NewEvent[]): void {
    for (const event of events) {
      const position = this.rows.length + 1;
      const id = uuidOf(this.idSeed, position);
      this.rows.push({ position, event: { ...event, id, time: new Date(this.clock.now()) } });
    }
    if (events.length === 0) return;
    this.bell.resolve();
    this.bell = Promise.withResolvers();
  }

  /** The next rows, as many as a relay takes at once. */
  after(position: number): readonly OutboxRow[] {
    return this.rows.slice(position, position + 50);
  }

  /** Resolves when a row was appended. */
  get more(): Promise<void> {
    return this.bell.promise;
  }
}

/** An id that is the same in every replay of the scenario. */
export function uuidOf(seed: number, count: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  return `${hex(seed >>> 0, 8)}-0000-4000-8000-${hex(count, 12)}`;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const ackWait = 30 * second;

/**
 * Relay and stream in one, both at their worst: events are published at least once, some twice, some late, in
 * any order; and delivered until they are acknowledged, and now and then once more.
 */
export class MessageBus {
  private saved = 0;
  private onTheWay = 0;

  constructor(
    private readonly outbox: MemoryOutbox,
    private readonly consumer: Consumer,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: EventRules,
  ) {
    void this.relay();
  }

  /** Whether every event so far has arrived. */
  get idle(): boolean {
    return this.onTheWay === 0 && this.saved === this.outbox.rows.length;
  }

  private async relay(): Promise<void> {
    for (;;) {
      const rows = this.outbox.after(this.saved);
      if (rows.length === 0) await this.outbox.more;
      else if (!(await this.publishAll(rows))) await this.clock.sleep(this.random.between(1, 60) * second);
    }
  }

  /** False when the relay died on the way: the next one goes on from the saved position. */
  private async publishAll(rows: readonly OutboxRow[]): Promise<boolean> {
    const { random, rules, clock } = this;
    const reached = rows.at(-1)!.position;
    if (rules.relaySaves === 'before-publishing') this.saved = reached;
    for (const { event } of rows) {
      // Now and then the broker is unavailable.
      await clock.sleep(random.chance(0.01) ? random.between(minute, 3 * hour) : random.between(1, 200));
      if (random.chance(0.02)) return false;
      void this.deliver(event);
    }
    if (random.chance(0.03)) return false;
    this.saved = reached;
    return true;
  }

  private async deliver(event: NewEvent): Promise<void> {
    const { clock, random } = this;
    this.onTheWay += 1;
    for (let tries = 1; ; tries += 1) {
      await clock.sleep(this.transit());
      const decision = await this.consumer.receive(messageOf(event), event.data, tries);
      // The consumer died, or its acknowledgement was lost.
      if (!decision || (decision.is === 'ack' && random.chance(0.04))) await clock.sleep(ackWait);
      else if (decision.is === 'ack') break;
      else if (decision.is === 'nak') await clock.sleep(decision.afterMs ?? 0);
      else {
        // It is unparked when its cause is mended.
        await clock.sleep(random.between(1, 8) * hour);
        tries = 0;
      }
    }
    this.onTheWay -= 1;
  }

  private transit(): number {
    const { random } = this;
    if (random.chance(0.05)) return random.between(minute, 4 * hour);
    return random.chance(0.2) ? random.between(second, 5 * minute) : random.between(1, 50);
  }
}

const messageOf = (event: NewEvent): Message =>
  new Message(event.type, {
    id: event.id,
    subject: event.aggregateId,
    tenantId: event.tenantId,
    correlationId: event.correlationId,
    aggregateVersion: event.aggregateVersion,
    time: event.time.toISOString(),
  });

/** What is to happen when the transaction commits. */
export type Stage = (commit: () => void) => void;
/** Handles a message: reads what is committed, stages what it changes. */
export type Handler = (message: Message, data: object, stage: Stage) => void;

const retry: RetryPolicy = {
  localDelaysMs: [],
  redeliveryDelaysMs: [500, 2_000, 8_000, 30_000],
  maxDeliveries: 5,
};

/**
 * A service that consumes events, with a database of its own whose transactions are serial. It dies, and its
 * database fails, before and after each commit.
 */
export class Consumer {
  private readonly noted = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly handler: Handler,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: EventRules,
  ) {}

  /** What the broker is told; null when the consumer died over the message. */
  async receive(message: Message, data: object, tries: number): Promise<AckDecision | null> {
    const work = this.last.then(() => this.handle(message, data));
    this.last = work;
    const outcome = this.rules.acknowledges === 'before-commit' ? 'done' : await work;
    return outcome === 'died' ? null : this.rules.ackDecisionFor(outcome, tries, retry);
  }

  private async handle(message: Message, data: object): Promise<'done' | 'failed' | 'died'> {
    const { random, clock } = this;
    const staged: (() => void)[] = [];
    const note = (): Promise<boolean> => {
      if (this.noted.has(message.id)) return Promise.resolve(false);
      staged.push(() => this.noted.add(message.id));
      return Promise.resolve(true);
    };
    try {
      await this.rules.once(note, () =>
        Promise.resolve(this.handler(message, data, (commit) => staged.push(commit))),
      );
    } catch {
      return 'failed';
    }
    await clock.sleep(random.chance(0.01) ? random.between(1_000, 600_000) : random.between(1, 20));
    if (random.chance(0.01)) return 'died';
    if (random.chance(0.03)) return 'failed';
    for (const commit of staged) commit();
    if (random.chance(0.01)) return 'died';
    return random.chance(0.03) ? 'failed' : 'done';
  }
}

/** A change of an order as it was received by event. */
export interface ReceivedChange {
  orderId: string;
  version: number;
  /** The event's type. */
  type: string;
}

/** A program outside that keeps the state of each order, and forwards every event. */
export class OrderProjection {
  readonly orders = new Map<string, ReceivedChange>();
  /** In the order in which they were applied. */
  readonly applied: ReceivedChange[] = [];
  readonly forwarded: ReceivedChange[] = [];

  constructor(private readonly rules: EventRules) {}

  readonly handler: Handler = (message: Message, _data, stage) => {
    const change = { orderId: message.subject, version: message.aggregateVersion, type: message.type };
    stage(() => this.forwarded.push(change));
    if (this.rules.isOlder(message, this.orders.get(change.orderId)?.version)) return;
    stage(() => {
      this.orders.set(change.orderId, change);
      this.applied.push(change);
    });
  };
}
