/** The time inside the simulator: starts at a given instant, runs in real time unless stopped, and only moves forward. */
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

  /** Jumps to an instant; throws a RangeError for one in the past. */
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

interface Entry {
  at: number;
  sequence: number;
  act: (at: number) => void;
}

/** What a world still has to do, earliest first; equal instants in the order they were entered. A binary heap. */
export class Agenda {
  private readonly heap: Entry[] = [];
  private sequence = 0;
  private instant: number | undefined;

  /** The instant of what is being done; undefined outside of `run`. */
  get doing(): number | undefined {
    return this.instant;
  }

  add(at: number, act: (at: number) => void): void {
    const entry = { at, sequence: this.sequence++, act };
    let n = this.heap.push(entry) - 1;
    while (n > 0) {
      const parent = (n - 1) >> 1;
      if (before(this.heap[parent]!, entry)) break;
      this.heap[n] = this.heap[parent]!;
      n = parent;
    }
    this.heap[n] = entry;
  }

  /** Does everything due up to and including `until`, also what is entered meanwhile. */
  run(until: number): void {
    while (this.heap.length > 0 && this.heap[0]!.at <= until) {
      const due = this.heap[0]!;
      const last = this.heap.pop()!;
      if (this.heap.length > 0) this.sink(last);
      this.instant = due.at;
      try {
        due.act(due.at);
      } finally {
        this.instant = undefined;
      }
    }
  }

  private sink(entry: Entry): void {
    let n = 0;
    for (;;) {
      let child = 2 * n + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && before(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (before(entry, this.heap[child]!)) break;
      this.heap[n] = this.heap[child]!;
      n = child;
    }
    this.heap[n] = entry;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
