/** Wakes one that waits. A nudge while nobody waits is kept for the next. */
export class Nudge {
  #given = false;
  #wake = (): void => undefined;

  give(): void {
    this.#given = true;
    this.#wake();
  }

  /** Resolves at the next nudge, or after so many milliseconds. */
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
