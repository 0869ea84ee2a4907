import type { Quirks } from './quirks.ts';
import type { Limits } from './wire/access.ts';
import type { WorldChoice } from './world/world.ts';

/** All options have defaults. */
export interface SimulatorOptions {
  /** Default `small`: 120 customers, 700 subscriptions. */
  world?: WorldChoice | undefined;
  /** Default 1. Equal seed and equal `now` make equal responses, byte by byte. */
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

/** A provider account at CMP: what a reseller types into a connector, and the world behind it. */
export interface AccountOptions {
  username: string;
  password: string;
  /** The gateway's key, 32 hexadecimal digits; its limits are counted per key. */
  subscriptionKey: string;
  /** The marketplace code of the token request, for example `us`. */
  marketplace: string;
  /** The reseller's own account number. */
  accountId: string;
  currency: string;
  country: string;
  /** Its own world instead of the simulator's. */
  world?: WorldChoice | undefined;
}

/** The two accounts a simulator has by default. Their worlds are separate and number their records alike, as two CMP installations do. */
export const defaultAccounts = [
  {
    username: 'isthmus-us.api',
    password: 'Sim-us-password-1',
    subscriptionKey: '5f1e0c7a9b3d42e68a10c4d7e2f9b6a1',
    marketplace: 'us',
    accountId: '1000001',
    currency: 'USD',
    country: 'US',
  },
  {
    username: 'isthmus-uk.api',
    password: 'Sim-uk-password-1',
    subscriptionKey: 'c28d7f40e1a65b93d0f4e8a2b7c6135e',
    marketplace: 'uk',
    accountId: '1000002',
    currency: 'GBP',
    country: 'GB',
  },
] as const satisfies AccountOptions[];
