import type { Clock } from '@isthmus/domain';
import { CmpUnavailable } from '../errors/cmp-unavailable.error.ts';
import type { BudgetStore } from './budget-store.ts';
import { freshLedger, parseLedger, type Ledger } from './ledger.ts';

const tries = 100;
const notSent = { operation: 'budget', outcome: 'not-sent' } as const;

/** The ledger in its store: every change is a compare-and-set, so that no two processes take the same call. */
export class SharedLedger {
  private last: Ledger = freshLedger();

  constructor(
    private readonly store: BudgetStore,
    private readonly key: string,
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  /** As this process last saw it. */
  peek(): Ledger {
    return this.last;
  }

  /**
   * Lets `change` alter the newest ledger and stores it; once more when another process was faster. When `change`
   * says that there is nothing to store, nothing is. Throws {@link CmpUnavailable} when the store fails: without it
   * nobody knows how many calls are left.
   */
  async update<T>(change: (ledger: Ledger) => { answer: T; store: boolean }): Promise<T> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const cell = await this.reached(this.store.get(this.key));
      const ledger = parseLedger(cell?.value);
      const { answer, store } = change(ledger);
      if (!store || (await this.reached(this.store.put(this.key, JSON.stringify(ledger), cell?.revision)))) {
        this.last = ledger;
        return answer;
      }
      if (attempt > 1) await this.clock.sleep(this.random() * Math.min(50, 2 ** attempt));
    }
    throw new CmpUnavailable('budget-store', notSent);
  }

  private async reached<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      throw new CmpUnavailable('budget-store', notSent, { cause });
    }
  }
}
