import type { Answer, Input, Operation, Row } from '@isthmus/sdk';
import { sumOf } from '../../parts/order/money.ts';
import type { Amount } from '../../texts/format.ts';

export type Renewal = Row<Operation<'get', '/v1/renewals'>>;
export type ClosingWindow = Answer<Operation<'get', '/v1/subscriptions/windows'>>[number];
type Query = NonNullable<Input<Operation<'get', '/v1/renewals'>>['query']>;

/** Days ahead; and seats whose window closes within a week. */
export const renewalTabs = ['7', '30', '90', 'windows'] as const;
export type RenewalTab = (typeof renewalTabs)[number];

export const isOfDays = (tab: RenewalTab): tab is '7' | '30' | '90' => tab !== 'windows';

const dayMs = 86_400_000;
const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);

/** Those that renew or end from today on, within so many days. */
export function renewalsWithin(
  days: number,
  { renew, connectorId }: { renew?: 'on' | 'off' | undefined; connectorId?: string | undefined },
  now: Date,
): Query {
  return {
    from: dayOf(now),
    to: dayOf(new Date(now.getTime() + days * dayMs)),
    ...(renew && { autoRenew: renew === 'on' }),
    ...(connectorId && { connectorId }),
  };
}

/** The full hour a week from now: the same question for an hour, so that its answer is not asked for at every look. */
export const inAWeek = (now: Date): string =>
  new Date(Math.ceil((now.getTime() + 7 * dayMs) / 3_600_000) * 3_600_000).toISOString();

export interface Costs {
  /** What the next terms cost when nobody does anything, per currency. */
  totals: Amount[];
  /** Renew, at a price that is not known. */
  withoutPrice: number;
}

export function costOfDoingNothing(renewals: readonly Renewal[]): Costs {
  const byCurrency = new Map<string, string[]>();
  for (const { costOfDoingNothing: cost } of renewals)
    if (cost) byCurrency.set(cost.currency, [...(byCurrency.get(cost.currency) ?? []), cost.amount]);
  return {
    totals: [...byCurrency]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([currency, amounts]) => ({ currency, amount: sumOf(amounts) })),
    withoutPrice: renewals.filter(
      ({ outcome, costOfDoingNothing: cost }) => outcome === 'renews' && cost === null,
    ).length,
  };
}
