import type { Clock } from '@isthmus/domain';
import type { Dice } from './dice.ts';

/** How often a worker dies or stands still, per call it makes. */
export interface Hardships {
  crash: number;
  pause: number;
  longestPause: number;
}

/**
 * One life of a worker. At every gap, before and after each call to the outside, it may be killed, after which nothing
 * of it happens any more, or stand still like a stopped process and go on as if nothing had been.
 */
export class Incarnation {
  private over = false;
  readonly ended: Promise<void>;
  private end!: () => void;

  constructor(
    private readonly clock: Clock,
    private readonly dice: Dice,
    private readonly hardships: Hardships,
  ) {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  get alive(): boolean {
    return !this.over;
  }

  kill(): void {
    this.over = true;
    this.end();
  }

  /** The outside as this life reaches it: the same methods, with gaps around each. */
  reach<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member === 'object' && member !== null) return this.reach(member);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          await this.gap();
          const settled = await outcome(() =>
            (member as (...all: unknown[]) => unknown).apply(object, given),
          );
          await this.gap();
          if ('error' in settled) throw settled.error;
          return settled.value;
        };
      },
    });
  }

  private async gap(): Promise<void> {
    if (this.alive && this.dice.chance(this.hardships.crash)) this.kill();
    if (this.alive && this.dice.chance(this.hardships.pause))
      await this.clock.sleep(this.dice.between(1_000, this.hardships.longestPause));
    if (!this.alive) await new Promise(() => undefined);
  }
}

async function outcome(act: () => unknown): Promise<{ value: unknown } | { error: unknown }> {
  try {
    return { value: await act() };
  } catch (error) {
    return { error };
  }
}
