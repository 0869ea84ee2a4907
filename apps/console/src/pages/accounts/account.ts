import type { Input, Operation, Row } from '@isthmus/sdk';
import type { accountTabs } from './route.ts';

/** A customer of CMP, as a list shows it. */
export type Account = Row<Operation<'get', '/v1/provider-accounts'>>;

interface AccountFilters {
  tab: (typeof accountTabs)[number];
  q: string | undefined;
  sync: 'on' | 'off' | undefined;
  ended: 'include' | 'only' | undefined;
  connectorId: string | undefined;
}

type Query = NonNullable<Input<Operation<'get', '/v1/provider-accounts'>>['query']>;

const tabs: Readonly<Record<AccountFilters['tab'], Query>> = {
  all: {},
  unlinked: { linked: false },
  // Only a linked account can have one.
  'no-contract': { linked: true, hasContract: false },
  'domain-missing': { domain: 'missing' },
  'domain-conflict': { domain: 'conflict' },
};

/** What the API is asked for what the address says. */
export function filtersOf({ tab, q, sync, ended, connectorId }: AccountFilters): Query {
  return {
    ...tabs[tab],
    ...(q && { q }),
    ...(sync && { syncEnabled: sync === 'on' }),
    ...(ended && { ended }),
    ...(connectorId && { connectorId }),
  };
}
