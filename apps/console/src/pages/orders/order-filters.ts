import type { Answer, Input, Operation, Order } from '@isthmus/sdk';

export const orderTabs = ['all', 'attention', 'approval', 'open', 'scheduled', 'ended', 'elsewhere'] as const;
export type OrderTab = (typeof orderTabs)[number];
export const orderKinds = ['create', 'change-quantity', 'cancel', 'renewal-setting'] as const;
export const orderSources = ['work365', 'schedule', 'api'] as const;
export const waitCauses = [
  'another-order',
  'connector-paused',
  'portal-confirmation',
  'customer-acceptance',
  'cmp',
  'renewal',
  'approval',
] as const;

type Query = NonNullable<Input<Operation<'get', '/v1/orders'>>['query']>;
type Counts = Answer<Operation<'get', '/v1/orders/counts'>>;

/** Which orders a tab shows; together, every status once. */
export const statusesOf: Readonly<
  Record<Exclude<OrderTab, 'all' | 'elsewhere'>, readonly Order['status'][]>
> = {
  attention: ['needs-attention', 'completed-not-effective'],
  approval: ['awaiting-approval'],
  open: ['planned', 'sending', 'unknown', 'accepted', 'proving'],
  scheduled: ['scheduled'],
  ended: ['settled', 'refused', 'withdrawn'],
};

export interface OrderFilters {
  q?: string | undefined;
  kind?: (typeof orderKinds)[number] | undefined;
  source?: (typeof orderSources)[number] | undefined;
  waitingFor?: (typeof waitCauses)[number] | undefined;
  from?: string | undefined;
  to?: string | undefined;
  account?: string | undefined;
  subscription?: string | undefined;
  connectorId?: string | undefined;
}

/** What the API is asked for what the address says, but for the tab: the counts of all tabs are of this. */
export function filtersOf(filters: OrderFilters): Query {
  const { q, kind, source, waitingFor, from, to, account, subscription, connectorId } = filters;
  return {
    ...(q && { q }),
    ...(kind && { kind }),
    ...(source && { source }),
    ...(waitingFor && { waitingFor }),
    ...(from && { requestedFrom: `${from}T00:00:00Z` }),
    ...(to && { requestedTo: dayAfter(to) }),
    ...(account && { providerAccountId: account }),
    ...(subscription && { subscriptionId: subscription }),
    ...(connectorId && { connectorId }),
  };
}

export const inTab = (tab: OrderTab): Query =>
  tab === 'all' || tab === 'elsewhere' ? {} : { status: [...statusesOf[tab]] };

/** The whole last day is meant; the API's end is exclusive. */
const dayAfter = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString();

/** How many orders each tab has; none before the counts are known. */
export function countsByTab(counts: Counts | undefined): Partial<Record<OrderTab, number>> {
  if (!counts) return {};
  const sum = (wanted?: readonly string[]): number =>
    counts.data
      .filter(({ status }) => !wanted || wanted.includes(status))
      .reduce((total, { orders }) => total + orders, 0);
  const tabs = Object.entries(statusesOf).map(([tab, statuses]) => [tab, sum(statuses)]);
  return { all: sum(), ...(Object.fromEntries(tabs) as Partial<Record<OrderTab, number>>) };
}
