import type { Answer, Operation } from '@isthmus/sdk';

export type Overview = Answer<Operation<'get', '/v1/overview'>>;
export type OrderCounts = Answer<Operation<'get', '/v1/orders/counts'>>;

export const needKinds = [
  'attention',
  'approval',
  'paused',
  'held',
  'failedRuns',
  'endpoints',
  'unlinked',
  'withoutContract',
  'partNumbers',
] as const;
export type NeedKind = (typeof needKinds)[number];

/** Something that waits for a person, with where it is done. */
export interface Need {
  kind: NeedKind;
  count: number;
  /** Since when the oldest of them waits, where somebody counts that. */
  oldestAt: string | null;
  /** Of part numbers: how many subscriptions wait for them. */
  subscriptions?: number;
  /** Nothing gets billed or ordered until it is done. */
  isUrgent: boolean;
  href: string;
}

const attention = ['needs-attention', 'completed-not-effective'];
const approval = ['awaiting-approval'];

/** What waits for somebody, the urgent first. What a service that is down has cannot be told. */
export function needsOf(overview: Overview, orders: OrderCounts | undefined): Need[] {
  const { connectors, runs, accounts, partNumbers, endpoints } = overview;
  const counted = (statuses: readonly string[]): Pick<Need, 'count' | 'oldestAt'> => {
    const some = (orders?.data ?? []).filter(({ status }) => statuses.includes(status));
    const oldest = some.flatMap(({ oldestAt }) => oldestAt ?? []).toSorted();
    return { count: some.reduce((sum, one) => sum + one.orders, 0), oldestAt: oldest[0] ?? null };
  };
  const plain = (count: number | null | undefined): Pick<Need, 'count' | 'oldestAt'> => ({
    count: count ?? 0,
    oldestAt: null,
  });
  const paused = connectors?.filter(({ status }) => status === 'paused').length;
  const needs: Need[] = [
    { kind: 'attention', isUrgent: true, href: '/orders?tab=attention', ...counted(attention) },
    { kind: 'approval', isUrgent: true, href: '/orders?tab=approval', ...counted(approval) },
    { kind: 'paused', isUrgent: true, href: '/admin/hub/integrations', ...plain(paused) },
    { kind: 'held', isUrgent: true, href: '/sync-runs?status=awaiting-approval', ...plain(runs?.held) },
    { kind: 'failedRuns', isUrgent: true, href: '/sync-runs?status=failed', ...plain(runs?.failed24h) },
    {
      ...{ kind: 'endpoints', isUrgent: true, href: '/developers/webhooks' },
      ...plain(endpoints && endpoints.failing + endpoints.disabled),
    },
    { kind: 'unlinked', isUrgent: false, href: '/accounts?tab=unlinked', ...plain(accounts?.unlinked) },
    {
      ...{ kind: 'withoutContract', isUrgent: false, href: '/accounts?tab=no-contract' },
      ...plain(accounts?.withoutContract),
    },
    {
      ...{ kind: 'partNumbers', isUrgent: false, href: '/catalogue' },
      ...plain(partNumbers && partNumbers.unmapped + partNumbers.ambiguous),
      ...(partNumbers && { subscriptions: partNumbers.subscriptionsWaiting }),
    },
  ];
  return needs.filter(({ count }) => count > 0);
}

export const setupSteps = ['connect', 'verify', 'sync', 'link', 'contract'] as const;
export type SetupStep = (typeof setupSteps)[number];

interface Progress {
  connectors: readonly { verification: { ok: boolean } | null }[];
  accounts: { all: number; unlinked: number } | undefined;
  contracts: number;
}

/** Which steps towards the first contract are done; all of them once there is one. */
export function doneSteps({ connectors, accounts, contracts }: Progress): ReadonlySet<SetupStep> {
  if (contracts > 0) return new Set(setupSteps);
  const done: Record<SetupStep, boolean> = {
    connect: connectors.length > 0,
    verify: connectors.some(({ verification }) => verification?.ok),
    sync: (accounts?.all ?? 0) > 0,
    link: (accounts?.all ?? 0) > (accounts?.unlinked ?? 0),
    contract: false,
  };
  return new Set(setupSteps.filter((step) => done[step]));
}
