/** Batches concurrent writes in arrival order: while one batch is being written, new items queue up for the next. */
export class GroupCommit<T, R> {
  #waiting: Entry<T, R>[] = [];
  #writing = false;

  /** @param write returns a result for each item, in the same order */
  constructor(
    private readonly write: (items: T[]) => Promise<R[]>,
    private readonly most = 500,
  ) {}

  /** Resolves once the item has been committed. */
  add(item: T): Promise<R> {
    return new Promise((done, failed) => {
      this.#waiting.push({ item, done, failed });
      if (!this.#writing) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const entries = this.#waiting.splice(0, this.most);
      try {
        const results = await this.write(entries.map(({ item }) => item));
        for (const [index, { done }] of entries.entries()) done(results[index]!);
      } catch (error) {
        for (const { failed } of entries) failed(error);
      }
    }
    this.#writing = false;
  }
}

interface Entry<T, R> {
  item: T;
  done: (result: R) => void;
  failed: (error: unknown) => void;
}
