/** Lets so many through at a time; the others wait in line. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(private limit: number) {}

  /** From now on so many at a time. */
  allow(limit: number): void {
    this.limit = limit;
    while (this.#taken < this.limit && this.#waiting.length > 0) this.#letIn();
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.limit) this.#taken += 1;
    else await new Promise<void>((free) => this.#waiting.push(free));
    try {
      return await work();
    } finally {
      this.#taken -= 1;
      if (this.#taken < this.limit && this.#waiting.length > 0) this.#letIn();
    }
  }

  #letIn(): void {
    this.#taken += 1;
    this.#waiting.shift()!();
  }
}
