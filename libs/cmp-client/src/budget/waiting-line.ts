import { lanes, type Lane } from '../lane.ts';

export interface Waiter {
  lane: Lane;
  operation: string;
  go(): void;
  fail(error: unknown): void;
}

/** Callers of one process that wait for the budget: by lane, and within a lane in the order they came. */
export class WaitingLine {
  private readonly lines: Record<Lane, Set<Waiter>> = {
    order: new Set(),
    interactive: new Set(),
    sync: new Set(),
    scrub: new Set(),
  };

  join(waiter: Waiter): void {
    this.lines[waiter.lane].add(waiter);
  }

  /** False when it had left before. */
  leave(waiter: Waiter): boolean {
    return this.lines[waiter.lane].delete(waiter);
  }

  /** The highest lane in which someone waits. */
  head(): Lane | undefined {
    return lanes.find((lane) => this.lines[lane].size > 0);
  }

  /** Takes up to `count` waiters of a lane out of the line. */
  take(lane: Lane, count: number): Waiter[] {
    const taken = [...this.lines[lane]].slice(0, count);
    for (const waiter of taken) this.lines[lane].delete(waiter);
    return taken;
  }

  lengths(): Record<Lane, number> {
    const { order, interactive, sync, scrub } = this.lines;
    return { order: order.size, interactive: interactive.size, sync: sync.size, scrub: scrub.size };
  }
}
