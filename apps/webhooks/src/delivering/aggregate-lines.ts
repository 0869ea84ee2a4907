/**
 * Keeps what is about one aggregate in line, and the lines beside each other. A line can be held: what was taken from the
 * store before that, and must stay behind what failed, then learns that it is not its turn.
 */
export class AggregateLines {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #heldSince = new Map<string, number>();
  #taking = 0;

  /** To be called before a look at the store; answers the look's number. */
  newTaking(): number {
    return (this.#taking += 1);
  }

  /** Begins the work when what stands before it in line is done. It must not reject. */
  add(aggregate: string, work: () => Promise<void>): void {
    const tail = (this.#tails.get(aggregate) ?? Promise.resolve()).then(work).then(() => {
      if (this.#tails.get(aggregate) === tail) this.#tails.delete(aggregate);
    });
    this.#tails.set(aggregate, tail);
  }

  /** What any look up to now has found is held: the store may have been looked at before it knew. */
  hold(aggregate: string): void {
    this.#heldSince.set(aggregate, this.#taking);
  }

  isHeld(aggregate: string, taking: number): boolean {
    return taking <= (this.#heldSince.get(aggregate) ?? 0);
  }

  /** Resolves when every line is empty. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
