import type { WorldChoice } from './world/world-size.ts';

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
  /** A world of its own instead of the simulator's. */
  world?: WorldChoice | undefined;
}

/** The two accounts a simulator has unless told otherwise. Their worlds are separate and number their records alike, as two CMP installations do. */
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
