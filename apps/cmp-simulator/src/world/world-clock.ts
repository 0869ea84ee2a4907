/** The time inside the simulator: starts at a given instant, runs with real time unless stopped, and only goes forward. */
export class WorldClock {
  private base: number;
  private realBase = Date.now();

  constructor(
    readonly startedAt: number,
    readonly running: boolean,
  ) {
    this.base = startedAt;
  }

  now(): number {
    return this.running ? this.base + (Date.now() - this.realBase) : this.base;
  }

  /** Jumps to an instant; throws a RangeError for one that has passed. */
  moveTo(instant: number): void {
    if (!(instant >= this.now()))
      throw new RangeError(`The world clock cannot go back to ${instant}; it is at ${this.now()}.`);
    this.base = instant;
    this.realBase = Date.now();
  }

  advance(seconds: number): void {
    this.moveTo(this.now() + seconds * 1000);
  }
}
