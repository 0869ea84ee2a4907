import type { BudgetStore } from './budget-store.ts';

/** For a single process, and for tests that pretend to be several. */
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
