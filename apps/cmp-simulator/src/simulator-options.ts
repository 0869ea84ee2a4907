import type { AccountOptions } from './default-accounts.ts';
import type { Quirks } from './quirks.ts';
import type { Limits } from './wire/rate-limit.ts';
import type { WorldChoice } from './world/world-size.ts';

/** What a simulator can be told; everything has a default. */
export interface SimulatorOptions {
  /** Default `small`: 120 customers, 700 subscriptions. */
  world?: WorldChoice | undefined;
  /** Default 1. Equal seed and equal `now` make equal answers, byte by byte. */
  seed?: number | undefined;
  /** The instant the worlds start at: default the present one. */
  now?: string | number | Date | undefined;
  /** Whether world time runs with real time (default) or moves by `/_control/clock` only. */
  clock?: 'running' | 'stopped' | undefined;
  /** Default `defaultAccounts`. */
  accounts?: readonly AccountOptions[] | undefined;
  /** Calls per subscription key: default 60 a minute, 5000 a day, with Retry-After. */
  limits?: Partial<Limits> | undefined;
  /** From the receipt of an order to its completion in world seconds: default 1. */
  orderDelaySeconds?: number | undefined;
  /** Default 1500. */
  tokenLifetimeSeconds?: number | undefined;
  quirks?: Partial<Quirks> | undefined;
  /** Default 0: a free port. */
  port?: number | undefined;
  /** Default 127.0.0.1. */
  host?: string | undefined;
}
