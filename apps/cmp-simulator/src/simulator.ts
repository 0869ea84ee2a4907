import { Account } from './account.ts';
import { Ledger, RequestLog } from './control/records.ts';
import { BrokenRecords } from './faults/broken-records.ts';
import { FaultBook } from './faults/fault-book.ts';
import { defaultQuirks, type Quirks } from './quirks.ts';
import { defaultAccounts, type SimulatorOptions } from './simulator-options.ts';
import { defaultLimits } from './wire/access.ts';
import { WorldClock } from './world/agenda.ts';
import { guid, mulberry32 } from './world/random.ts';
import { type WorldChoice, worldSize } from './world/world.ts';

/** The world to start over with; parameters that are left out stay as they were. */
export interface Rebuild {
  world?: WorldChoice | undefined;
  seed?: number | undefined;
  now?: string | number | Date | undefined;
  account?: string | undefined;
}

/** Everything one simulator holds: its accounts, the clock they share, the faults in wait and what was seen. */
export class Simulator {
  readonly faults = new FaultBook();
  readonly ledger = new Ledger();
  readonly log = new RequestLog();
  readonly broken = new BrokenRecords();
  readonly accounts: Account[];
  readonly quirks: Quirks;
  clock: WorldClock;
  private seed: number;
  private world: WorldChoice;
  private readonly correlation: () => number;

  constructor(private readonly options: SimulatorOptions = {}) {
    this.seed = options.seed ?? 1;
    this.world = options.world ?? 'small';
    this.quirks = { ...defaultQuirks, ...options.quirks };
    this.clock = this.clockFrom(options.now);
    this.correlation = mulberry32(this.seed ^ 0xc0441d);
    const limits = { ...defaultLimits, ...options.limits };
    this.accounts = (options.accounts ?? defaultAccounts).map(
      (account, n) =>
        new Account(account, limits, options.tokenLifetimeSeconds ?? 1500, this.groundFor(account, n)),
    );
  }

  /** The account of a marketplace code or username, or the first; throws a RangeError that lists the known ones. */
  account(name?: string): Account {
    const found =
      name === undefined
        ? this.accounts[0]
        : this.accounts.find(({ options }) => options.marketplace === name || options.username === name);
    if (found) return found;
    throw new RangeError(
      `There is no account "${name}". Known: ${this.accounts.map(({ options }) => `${options.marketplace} (${options.username})`).join(', ')}.`,
    );
  }

  /** Starts over: without an account all worlds and the clock, with one only that world. */
  rebuild({ world, seed, now, account }: Rebuild): void {
    if (world !== undefined) worldSize(world);
    if (account === undefined) {
      this.world = world ?? this.world;
      this.seed = seed ?? this.seed;
      this.clock =
        now === undefined ? new WorldClock(this.clock.startedAt, this.clock.running) : this.clockFrom(now);
    }
    const chosen = account === undefined ? this.accounts : [this.account(account)];
    for (const one of chosen) {
      const ground = this.groundFor(
        { ...one.options, world: world ?? one.options.world },
        this.accounts.indexOf(one),
      );
      one.rebuild(seed === undefined ? ground : { ...ground, seed: seed + this.accounts.indexOf(one) });
      this.ledger.forget(one);
    }
  }

  nextCorrelationId(): string {
    return `a8n-${guid(this.correlation)}`;
  }

  private groundFor(
    account: { accountId: string; currency: string; country: string; world?: WorldChoice | undefined },
    n: number,
  ) {
    return {
      seed: this.seed + n,
      size: worldSize(account.world ?? this.world),
      resellerId: account.accountId,
      currency: account.currency,
      country: account.country,
      clock: this.clock,
      quirks: this.quirks,
      orderDelaySeconds: this.options.orderDelaySeconds ?? 1,
    };
  }

  private clockFrom(now: SimulatorOptions['now']): WorldClock {
    const at = now === undefined ? Math.floor(Date.now() / 1000) * 1000 : new Date(now).getTime();
    if (Number.isNaN(at))
      throw new RangeError(`"${String(now)}" is not an instant; write it as 2026-03-01T09:00:00Z.`);
    return new WorldClock(at, (this.options.clock ?? 'running') === 'running');
  }
}
