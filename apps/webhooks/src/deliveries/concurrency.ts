/** Writes items in the order they come, all that wait at one time together: the busier, the less each costs. */
export class GroupCommit<T, R> {
  #waiting: Entry<T, R>[] = [];
  #writing = false;

  /** @param write returns a result for each item, in the same order */
  constructor(
    private readonly write: (items: T[]) => Promise<R[]>,
    private readonly most = 500,
  ) {}

  /** Resolves when it is committed. */
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

/** Wakes a waiting loop. A signal while nothing waits is kept for the next wait. */
export class WakeSignal {
  #given = false;
  #wake = (): void => undefined;

  give(): void {
    this.#given = true;
    this.#wake();
  }

  /** Resolves at the next signal, or after so many milliseconds. */
  async wait(atMostMs: number): Promise<void> {
    if (!this.#given) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atMostMs);
        this.#wake = () => (clearTimeout(timer), resolve());
      });
    }
    this.#given = false;
  }
}

/** Runs a limited number of tasks at a time; the others wait in line. */
export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(private limit: number) {}

  /** From now on so many at a time. */
  setLimit(limit: number): void {
    this.limit = limit;
    while (this.#taken < this.limit && this.#waiting.length > 0) this.#admitNext();
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.limit) this.#taken += 1;
    else await new Promise<void>((free) => this.#waiting.push(free));
    try {
      return await work();
    } finally {
      this.#taken -= 1;
      if (this.#taken < this.limit && this.#waiting.length > 0) this.#admitNext();
    }
  }

  #admitNext(): void {
    this.#taken += 1;
    this.#waiting.shift()!();
  }
}
