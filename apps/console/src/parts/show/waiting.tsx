import type { ReactNode } from 'react';
import { useOne } from '../../data/queries.ts';
import { CountBadge } from './badges.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { shell } from '../../shell/texts.ts';

const counts = {
  accounts: UnlinkedAccounts,
  contracts: MissingContracts,
  issues: ParkedMessages,
  orders: StuckOrders,
  partNumbers: UnmappedPartNumbers,
};
/** What can wait for somebody; a page with such a count adds a component here. */
export type Waiting = keyof typeof counts;

/** Beside an entry of the menu: how many wait for somebody; nothing when none does. */
export default function WaitingCount({ what }: { what: Waiting }): ReactNode {
  const Count = counts[what];
  return <Count />;
}

const everyMinute = { every: 60_000 };
const nothing = {};

function UnlinkedAccounts(): ReactNode {
  const { data } = useOne('/v1/provider-accounts/counts', nothing, everyMinute);
  return <Badge count={data?.unlinked} />;
}

function MissingContracts(): ReactNode {
  const { data } = useOne('/v1/provider-accounts/counts', nothing, everyMinute);
  return <Badge count={data?.withoutContract} />;
}

const stuck = ['needs-attention', 'completed-not-effective', 'awaiting-approval'];

function StuckOrders(): ReactNode {
  const { data } = useOne('/v1/orders/counts', nothing, everyMinute);
  const waiting = data?.data.filter(({ status }) => stuck.includes(status));
  return <Badge count={waiting?.reduce((sum, { orders }) => sum + orders, 0)} />;
}

const aPage = { query: { limit: 200 } };

function ParkedMessages(): ReactNode {
  const { data } = useOne('/v1/parked-messages', aPage, everyMinute);
  return <Badge count={data?.data.length} />;
}

function UnmappedPartNumbers(): ReactNode {
  const { data } = useOne('/v1/part-numbers/counts', nothing, everyMinute);
  const waiting = data?.data.filter(({ state }) => state === 'unmapped' || state === 'ambiguous');
  return <Badge count={waiting?.reduce((sum, { partNumbers }) => sum + partNumbers, 0)} />;
}

function Badge({ count }: { count: number | undefined }): ReactNode {
  const t = useTexts(shell);
  return count ? <CountBadge count={count} tone="bad" label={t('waiting', { count })} /> : null;
}
