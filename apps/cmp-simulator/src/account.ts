import type { AccountOptions } from './simulator-options.ts';
import { termRules } from './subscriptions/end-of-term.ts';
import { type Limits, RateLimit, Tokens } from './wire/access.ts';
import { World, type WorldGround } from './world/world.ts';

/** A provider account in service: its credentials, its limits, and its world, built when it is first read. */
export class Account {
  readonly limiter: RateLimit;
  readonly tokens: Tokens;
  private built?: World | undefined;

  constructor(
    readonly options: AccountOptions,
    limits: Limits,
    tokenLifetimeSeconds: number,
    private ground: WorldGround,
  ) {
    this.limiter = new RateLimit({ ...limits });
    this.tokens = new Tokens(ground.seed, tokenLifetimeSeconds, ground.quirks);
  }

  /** The current state of the world. */
  get world(): World {
    this.built ??= new World(this.ground, termRules);
    this.built.settle();
    return this.built;
  }

  /** Lets everything happen that is due, without building a world that was never read. */
  settle(): void {
    this.built?.settle();
  }

  /** Forgets everything and starts over on other ground. */
  rebuild(ground: WorldGround): void {
    this.ground = ground;
    this.built = undefined;
  }
}
