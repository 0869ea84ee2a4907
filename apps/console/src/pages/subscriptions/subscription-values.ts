import type { Answer, Input, Operation } from '@isthmus/sdk';

export type Options = Answer<Operation<'get', '/v1/subscriptions/{id}/options'>>;
export type ScheduledChange = Answer<Operation<'get', '/v1/scheduled-changes/{id}'>>;
type Query = NonNullable<Input<Operation<'get', '/v1/subscriptions'>>['query']>;
type PlaceOrder = Input<Operation<'post', '/v1/orders'>>['body'];
type ScheduleChange = Input<Operation<'post', '/v1/scheduled-changes'>>['body'];

export const subscriptionTabs = ['live', 'unread', 'no-contract', 'renew-off', 'ended'] as const;

const tabs: Readonly<Record<(typeof subscriptionTabs)[number], Query>> = {
  live: {},
  // Not asked here: nothing is agreed of them yet.
  unread: {},
  'no-contract': { assigned: 'false' },
  'renew-off': { autoRenew: false },
  ended: { ended: 'only' },
};

interface SubscriptionFilters {
  tab: (typeof subscriptionTabs)[number];
  q?: string | undefined;
  status?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  sort?: 'name' | 'renewalDate' | undefined;
  account?: string | undefined;
  contract?: string | undefined;
  connectorId?: string | undefined;
}

/** What the API is asked for what the address says. */
export function filtersOf(filters: SubscriptionFilters): Query {
  const { tab, q, status, from, to, sort, account, contract, connectorId } = filters;
  return {
    ...tabs[tab],
    ...(q && { q }),
    ...(status && { status }),
    ...(from && { renewalFrom: from }),
    ...(to && { renewalTo: to }),
    ...(sort && { sort }),
    ...(account && { providerAccountId: account }),
    ...(contract && { billingContractId: contract }),
    ...(connectorId && { connectorId }),
  };
}

export interface SeatsValues {
  seats: string;
  when: 'now' | 'renewal';
  /** MPN; empty where there is one line only. */
  line: string;
}

/** The order for new seats: always the total that is wanted, never a difference. */
export const seatsOrder = (subscriptionId: string, { seats, when, line }: SeatsValues): PlaceOrder => ({
  kind: 'change-quantity',
  subscriptionId,
  seats: Number(seats),
  when,
  ...(line && { mpn: line }),
});

export interface ScheduleValues {
  kind: 'change-quantity' | 'cancel' | 'renewal-setting';
  seats: string;
  autoRenew: 'on' | 'off';
  line: string;
  at: 'renewal' | 'time';
  /** As the browser's field has it, in the time of whoever types it: `2026-12-24T08:00`. */
  time: string;
}

/** When a scheduled change happens, as the API takes it: a moment that is the same everywhere. */
export const momentOf = ({ at, time }: Pick<ScheduleValues, 'at' | 'time'>): string =>
  at === 'renewal'
    ? 'renewal'
    : time === '' || Number.isNaN(Date.parse(time))
      ? time
      : new Date(time).toISOString();

/** The other way round: what the browser's field shows for a moment. */
export function fieldTimeOf(at: string): Pick<ScheduleValues, 'at' | 'time'> {
  if (at === 'renewal') return { at: 'renewal', time: '' };
  const moment = new Date(at);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return { at: 'time', time: local.toISOString().slice(0, 16) };
}

export function scheduleBody(subscriptionId: string, values: ScheduleValues): ScheduleChange {
  const { kind, seats, autoRenew, line } = values;
  return {
    subscriptionId,
    kind,
    at: momentOf(values),
    ...(kind === 'change-quantity' && { seats: Number(seats), ...(line && { mpn: line }) }),
    ...(kind === 'renewal-setting' && { autoRenew: autoRenew === 'on' }),
  };
}
