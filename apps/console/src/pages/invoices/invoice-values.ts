import type { Answer, Input, Operation, Row } from '@isthmus/sdk';

export type Invoice = Answer<Operation<'get', '/v1/invoices/{id}'>>;
export type Line = Row<Operation<'get', '/v1/rated-lines'>>;
export type Report = Row<Operation<'get', '/v1/rated-reports'>>;
type Decision = Input<Operation<'patch', '/v1/rated-lines/{id}'>>['body'];

export const invoicesTabs = ['invoices', 'unmatched', 'reports'] as const;
export const invoiceTabs = ['lines', 'unmatched'] as const;
export const balances = ['balanced', 'unbalanced', 'unchecked'] as const;
export const balanceTones = { balanced: 'good', unbalanced: 'bad', unchecked: 'neutral' } as const;
export const lineKinds = ['licence', 'usage', 'one-off'] as const;
export const reportStatuses = ['imported', 'failed'] as const;
export const decisions = ['match', 'exclude', 'automatic'] as const;

/** What is to be decided about a line, as typed. */
export interface LineValues {
  decision: (typeof decisions)[number];
  /** The account it belongs to; for a match. */
  providerAccountId: string;
  /** One of its subscriptions, if that is known. */
  providerSubscriptionId: string;
  reason: string;
}

/** Where a form about a line begins: what somebody decided, or what is most often needed. */
export const valuesOf = ({
  excludedAt,
  matchedBy,
  providerAccountId,
  providerSubscriptionId,
}: Line): LineValues => ({
  decision:
    excludedAt !== null ? 'exclude' : matchedBy === null || matchedBy === 'manual' ? 'match' : 'automatic',
  providerAccountId: providerAccountId ?? '',
  providerSubscriptionId: providerSubscriptionId ?? '',
  reason: '',
});

/** A match names the subscription or the account, never both: the subscription says which account. */
export const decisionOf = (values: LineValues): Decision => {
  const { decision, providerAccountId, providerSubscriptionId, reason } = values;
  const named = providerSubscriptionId ? { providerSubscriptionId } : { providerAccountId };
  return { decision, reason: reason.trim(), ...(decision === 'match' && named) };
};

/** How a line is called where there is only room for a line. */
export const lineName = ({ customerName, description, rowNo }: Line): string =>
  [rowNo, customerName, description].filter(Boolean).join(' · ');
