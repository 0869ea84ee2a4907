import type { Clock } from '@isthmus/domain';
import { Message, type NewEvent } from '@isthmus/messaging';
import type { Dice } from '../dice.ts';
import type { EventRules } from './event-rules.ts';
import type { Hearer } from './hearer.ts';
import type { MemoryOutbox, Said } from './outbox.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const ackWait = 30 * second;

/**
 * Relay and stream in one, both at their worst: what was said is published at least once, some of it twice, some late, in
 * any order; and delivered until it is acknowledged, and now and then once more.
 */
export class Carrier {
  private saved = 0;
  private onTheWay = 0;

  constructor(
    private readonly outbox: MemoryOutbox,
    private readonly hearer: Hearer,
    private readonly clock: Clock,
    private readonly dice: Dice,
    private readonly rules: EventRules,
  ) {
    void this.relay();
  }

  /** Whether everything said so far has arrived. */
  get idle(): boolean {
    return this.onTheWay === 0 && this.saved === this.outbox.rows.length;
  }

  private async relay(): Promise<void> {
    for (;;) {
      const rows = this.outbox.after(this.saved);
      if (rows.length === 0) await this.outbox.more;
      else if (!(await this.publishAll(rows))) await this.clock.sleep(this.dice.between(1, 60) * second);
    }
  }

  /** False when the relay died on the way: the next one goes on from where was saved. */
  private async publishAll(rows: readonly Said[]): Promise<boolean> {
    const { dice, rules, clock } = this;
    const reached = rows.at(-1)!.position;
    if (rules.relaySaves === 'before-publishing') this.saved = reached;
    for (const { event } of rows) {
      // Now and then the broker is away.
      await clock.sleep(dice.chance(0.01) ? dice.between(minute, 3 * hour) : dice.between(1, 200));
      if (dice.chance(0.02)) return false;
      void this.deliver(event);
    }
    if (dice.chance(0.03)) return false;
    this.saved = reached;
    return true;
  }

  private async deliver(event: NewEvent): Promise<void> {
    const { clock, dice } = this;
    this.onTheWay += 1;
    for (let tries = 1; ; tries += 1) {
      await clock.sleep(this.transit());
      const settlement = await this.hearer.hear(messageOf(event), event.data, tries);
      // Whoever had it died, or its acknowledgement was lost.
      if (!settlement || (settlement.is === 'ack' && dice.chance(0.04))) await clock.sleep(ackWait);
      else if (settlement.is === 'ack') break;
      else if (settlement.is === 'nak') await clock.sleep(settlement.afterMs ?? 0);
      else {
        // Somebody unparks it when its cause is mended.
        await clock.sleep(dice.between(1, 8) * hour);
        tries = 0;
      }
    }
    this.onTheWay -= 1;
  }

  private transit(): number {
    const { dice } = this;
    if (dice.chance(0.05)) return dice.between(minute, 4 * hour);
    return dice.chance(0.2) ? dice.between(second, 5 * minute) : dice.between(1, 50);
  }
}

const messageOf = (event: NewEvent): Message =>
  new Message(event.subject, {
    id: event.id,
    subject: event.aggregateId,
    tenantId: event.tenantId,
    correlationId: event.correlationId,
    aggregateVersion: event.aggregateVersion,
    time: event.time.toISOString(),
  });
