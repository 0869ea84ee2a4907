import { createHash } from 'node:crypto';
import type { Clock } from '@isthmus/domain';
import { CmpUnavailable } from '../errors.ts';
import { freshLedger, type Ledger, parseLedger } from './ledger.ts';

/** A compare-and-set cell per key, shared by every process that uses the same subscription key. */
export interface BudgetStore {
  get(key: string): Promise<{ value: string; revision: number } | undefined>;
  /** Writes only when the cell is still at `expectedRevision` (undefined: does not exist). False when it is not. */
  put(key: string, value: string, expectedRevision: number | undefined): Promise<boolean>;
}

/** A store for a single process, and for tests that simulate several. */
export class InMemoryBudgetStore implements BudgetStore {
  private readonly cells = new Map<string, { value: string; revision: number }>();

  get(key: string): Promise<{ value: string; revision: number } | undefined> {
    return Promise.resolve(this.cells.get(key));
  }

  put(key: string, value: string, expectedRevision: number | undefined): Promise<boolean> {
    const current = this.cells.get(key);
    if (current?.revision !== expectedRevision) return Promise.resolve(false);
    this.cells.set(key, { value, revision: (current?.revision ?? 0) + 1 });
    return Promise.resolve(true);
  }
}

/** The cell of a subscription key: its hash, so that the key itself is never stored. Fit for a NATS KV bucket. */
export const budgetKey = (subscriptionKey: string): string =>
  `cmp-budget.${createHash('sha256').update(subscriptionKey).digest('hex').slice(0, 40)}`;

const maxAttempts = 100;
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

  /** The state last seen by this process. */
  peek(): Ledger {
    return this.last;
  }

  /**
   * Lets `change` modify the latest ledger and stores it; repeated if another process was faster. If `change` returns that
   * there is nothing to store, nothing is. Throws {@link CmpUnavailable} if the store fails, because then it is unknown how
   * many calls are left.
   */
  async update<T>(change: (ledger: Ledger) => { result: T; store: boolean }): Promise<T> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const cell = await this.orUnavailable(this.store.get(this.key));
      const ledger = parseLedger(cell?.value);
      const { result, store } = change(ledger);
      if (
        !store ||
        (await this.orUnavailable(this.store.put(this.key, JSON.stringify(ledger), cell?.revision)))
      ) {
        this.last = ledger;
        return result;
      }
      if (attempt > 1) await this.clock.sleep(this.random() * Math.min(50, 2 ** attempt));
    }
    throw new CmpUnavailable('budget-store', notSent);
  }

  private async orUnavailable<T>(result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (cause) {
      throw new CmpUnavailable('budget-store', notSent, { cause });
    }
  }
}
