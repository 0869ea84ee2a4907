/** Runs tasks of one key after each other and tasks of different keys beside each other, at most `limit` at a time. */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(private readonly limit: number) {}

  /** Resolves when the task has its place, not when it is done. The task must not reject. */
  async admit(key: string, task: () => Promise<void>): Promise<void> {
    if (this.#running >= this.limit) await new Promise<void>((free) => this.#waiting.push(free));
    this.#running += 1;
    const tail = (this.#tails.get(key) ?? Promise.resolve()).then(task).then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
      this.#running -= 1;
      this.#waiting.shift()?.();
    });
    this.#tails.set(key, tail);
  }

  /** Resolves when everything admitted is done. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
