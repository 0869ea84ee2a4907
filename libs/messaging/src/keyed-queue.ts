/** Lets at most `limit` through at a time; the others wait, first come, first served. */
export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(private limit: number) {}

  /** Takes effect immediately for waiting callers; those running beyond a lower limit finish. */
  setLimit(limit: number): void {
    this.limit = limit;
    this.#admit();
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await new Promise<void>((admitted) => this.acquire(admitted));
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  /** Calls back when the caller is admitted, in this turn if there is room; the place must be released afterwards. */
  acquire(admitted: () => void): void {
    this.#waiting.push(admitted);
    this.#admit();
  }

  release(): void {
    this.#taken -= 1;
    this.#admit();
  }

  #admit(): void {
    while (this.#taken < this.limit && this.#waiting.length > 0) {
      this.#taken += 1;
      this.#waiting.shift()!();
    }
  }
}

/**
 * Runs tasks of one key one after the other, in the order they were added, and tasks of different keys in parallel. At most
 * `limit` tasks are admitted at a time, including those that wait behind another task of their key.
 */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #places: Semaphore;

  constructor(limit = Infinity) {
    this.#places = new Semaphore(limit);
  }

  /** Resolves when the task is admitted, not when it is done. The task must not reject. */
  add(key: string, task: () => Promise<void>): Promise<void> {
    return new Promise((admitted) =>
      this.#places.acquire(() => {
        this.#append(key, task);
        admitted();
      }),
    );
  }

  /** Resolves when everything admitted is done. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }

  #append(key: string, task: () => Promise<void>): void {
    const tail = (this.#tails.get(key) ?? Promise.resolve()).then(task).then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
      this.#places.release();
    });
    this.#tails.set(key, tail);
  }
}
