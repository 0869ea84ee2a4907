import type { CmpConnection } from '../cmp-connection.ts';

/** What can be wrong with a connection, which field of the connector mends it, and what to do. */
export const probeCauses = {
  dns: { field: 'apiUrl', mend: 'Check the host name in the API URL: no such host was found.' },
  tls: {
    field: 'apiUrl',
    mend: 'Check that the API URL begins with the right scheme and host: its certificate is not valid for it.',
  },
  'blocked-address': {
    field: 'apiUrl',
    mend: 'Use the public address of CMP: the API URL leads to an address that connectors may not reach.',
  },
  'wrong-url': {
    field: 'apiUrl',
    mend: 'Copy the API URL from the Marketplace API page of the CMP control panel, such as https://api.cloud.im/marketplace/na.',
  },
  password: {
    field: 'password',
    mend: 'Check the user name, and set the API user’s password anew in the CMP control panel. A new API user can take 24 hours to work.',
  },
  'subscription-key': {
    field: 'subscriptionKey',
    mend: 'Copy the subscription key from the Marketplace API page again: it changes when the API user is replaced.',
  },
  marketplace: {
    field: 'marketplace',
    mend: 'Use the code in the address of your control panel: us for cp.us.na.cloud.im.',
  },
  'account-id': {
    field: 'accountId',
    mend: 'Check the account id: these credentials belong to another account.',
  },
  currency: {
    field: 'currency',
    mend: 'Set the currency to the one in which CMP shows this account its prices.',
  },
  'no-permission': {
    field: undefined,
    mend: 'Give the API user full administrator rights in the CMP control panel.',
  },
  throttled: { field: undefined, mend: 'Wait until the call limit is free again, then verify once more.' },
  timeout: { field: undefined, mend: 'Verify again in a few minutes; if it stays slow, ask CMP’s support.' },
  'cmp-down': {
    field: undefined,
    mend: 'Check the host and port of the API URL; if they are right, CMP is down: verify again later.',
  },
} as const satisfies Record<string, { field: keyof CmpConnection | undefined; mend: string }>;

export type ProbeCause = keyof typeof probeCauses;
