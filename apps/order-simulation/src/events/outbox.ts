import type { Clock } from '@isthmus/domain';
import type { NewEvent } from '@isthmus/messaging';

/** A row of an outbox. Positions begin at 1 and follow the order of commits. */
export interface Said {
  position: number;
  event: NewEvent;
}

/** What was said, kept for whoever carries it on; filled in the same breath as the change it tells of. */
export class MemoryOutbox {
  readonly rows: Said[] = [];
  private bell = Promise.withResolvers<void>();

  constructor(
    private readonly clock: Clock,
    private readonly idSeed: number,
  ) {}

  say(events: readonly NewEvent[]): void {
    for (const event of events) {
      const position = this.rows.length + 1;
      const id = uuidOf(this.idSeed, position);
      this.rows.push({ position, event: { ...event, id, time: new Date(this.clock.now()) } });
    }
    if (events.length === 0) return;
    this.bell.resolve();
    this.bell = Promise.withResolvers();
  }

  /** The next ones, as many as a relay takes at once. */
  after(position: number): readonly Said[] {
    return this.rows.slice(position, position + 50);
  }

  /** Resolves when something more was said. */
  get more(): Promise<void> {
    return this.bell.promise;
  }
}

/** An id that is the same in every replay of the story. */
export function uuidOf(seed: number, count: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  return `${hex(seed >>> 0, 8)}-0000-4000-8000-${hex(count, 12)}`;
}
