import type { Clock } from '@isthmus/domain';
import type { Message, RetryPolicy, Settlement } from '@isthmus/messaging';
import type { Dice } from '../dice.ts';
import type { EventRules } from './event-rules.ts';

/** What is to happen when the transaction commits. */
export type Stage = (commit: () => void) => void;
/** What a hearer makes of a message: reads what is committed, stages what it changes. */
export type Effect = (message: Message, data: object, stage: Stage) => void;

const retry: RetryPolicy = {
  localDelaysMs: [],
  redeliveryDelaysMs: [500, 2_000, 8_000, 30_000],
  maxDeliveries: 5,
};

/**
 * A service that hears events, with a database of its own whose transactions come one after the other. It dies, and its
 * database fails, before and after each commit.
 */
export class Hearer {
  private readonly noted = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly effect: Effect,
    private readonly clock: Clock,
    private readonly dice: Dice,
    private readonly rules: EventRules,
  ) {}

  /** What is told to the broker; nothing when it died over the message. */
  async hear(message: Message, data: object, tries: number): Promise<Settlement | null> {
    const work = this.last.then(() => this.handle(message, data));
    this.last = work;
    const outcome = this.rules.acknowledges === 'before-commit' ? 'done' : await work;
    return outcome === 'died' ? null : this.rules.settlementOf(outcome, tries, retry);
  }

  private async handle(message: Message, data: object): Promise<'done' | 'failed' | 'died'> {
    const { dice, clock } = this;
    const staged: (() => void)[] = [];
    const note = (): Promise<boolean> => {
      if (this.noted.has(message.id)) return Promise.resolve(false);
      staged.push(() => this.noted.add(message.id));
      return Promise.resolve(true);
    };
    try {
      await this.rules.once(note, () =>
        Promise.resolve(this.effect(message, data, (commit) => staged.push(commit))),
      );
    } catch {
      return 'failed';
    }
    await clock.sleep(dice.chance(0.01) ? dice.between(1_000, 600_000) : dice.between(1, 20));
    if (dice.chance(0.01)) return 'died';
    if (dice.chance(0.03)) return 'failed';
    for (const commit of staged) commit();
    if (dice.chance(0.01)) return 'died';
    return dice.chance(0.03) ? 'failed' : 'done';
  }
}
