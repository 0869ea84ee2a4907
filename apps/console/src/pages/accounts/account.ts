import type { Answer, Input, Operation, Row } from '@isthmus/sdk';
import type { BulkOutcome } from '../../parts/form/bulk-drawer.tsx';
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

export interface DomainValues {
  source: 'cmp' | 'manual';
  customDomain: string;
}

export const domainValuesOf = ({
  customDomain,
  customDomainSource,
}: Pick<Account, 'customDomain' | 'customDomainSource'>): DomainValues => ({
  source: customDomainSource === 'manual' ? 'manual' : 'cmp',
  customDomain: customDomain ?? '',
});

/** Null: what Ingram Micro says, whatever was typed before. */
export const domainChange = ({ source, customDomain }: DomainValues): { customDomain: string | null } => ({
  customDomain: source === 'manual' ? customDomain.trim() : null,
});

type Imported = Answer<Operation<'post', '/v1/tenant-accounts/import'>>;

/** What an import did, or would do, in the counts and rows of bulk work. */
export function importOutcome(
  { created, changed, unchanged, refused, results }: Imported,
  say: {
    name: (row: number, id: string, name: string | undefined) => string;
    done: (outcome: 'created' | 'changed') => string;
  },
): BulkOutcome {
  return {
    done: created + changed,
    unchanged,
    refused,
    rows: results.map(({ row, id, name, outcome, problem }) => ({
      key: String(row),
      name: say.name(row, id, name),
      ...(outcome === 'created' || outcome === 'changed'
        ? { outcome: 'done', detail: say.done(outcome) }
        : { outcome, detail: problem }),
    })),
  };
}
