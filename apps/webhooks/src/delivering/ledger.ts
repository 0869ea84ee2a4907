import type { Settlement, Standing } from './attempt.ts';

interface Entry {
  settlement: Settlement;
  settled: (standing: Standing) => void;
  failed: (error: unknown) => void;
}

/** Writes settlements in the order they come, all that wait in one transaction: the busier, the fewer commits each costs. */
export class Ledger {
  #waiting: Entry[] = [];
  #writing = false;

  constructor(private readonly write: (settlements: Settlement[]) => Promise<Standing>) {}

  /** Resolves when it is committed. */
  note(settlement: Settlement): Promise<Standing> {
    return new Promise((settled, failed) => {
      this.#waiting.push({ settlement, settled, failed });
      if (!this.#writing) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const entries = this.#waiting;
      this.#waiting = [];
      try {
        const standing = await this.write(entries.map(({ settlement }) => settlement));
        for (const { settled } of entries) settled(standing);
      } catch (error) {
        for (const { failed } of entries) failed(error);
      }
    }
    this.#writing = false;
  }
}
