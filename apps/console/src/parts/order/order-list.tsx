import { useMemo, type ReactNode } from 'react';
import type { Operation, Row } from '@isthmus/sdk';
import { useList } from '../../data/queries.ts';
import { formatOf } from '../../texts/format.ts';
import { orderWords } from '../../texts/orders.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { DataList, Empty, type Column } from '../list/list.tsx';
import { PageLink } from '../show/links.tsx';
import { OrderBadge, useOrderWords } from './order-words.tsx';

type OrderRow = Row<Operation<'get', '/v1/orders'>>;

const orderKey = ({ id }: OrderRow): string => id;
const orderName = ({ marker }: OrderRow): string => marker;

interface OrderListProps {
  /** Whose orders. */
  of: { subscriptionId: string } | { providerAccountId: string };
  /** Why there may be none. */
  emptyDetail: string;
}

/** What was ordered for something, here or by Work 365. */
export function OrderList({ of, emptyDetail }: OrderListProps): ReactNode {
  const t = useTexts(orderWords);
  const common = useCommon();
  const words = useOrderWords();
  const language = useLanguage();
  const list = useList('/v1/orders', { query: of }, { every: 10_000 });
  const isOfOne = 'subscriptionId' in of;
  const columns = useMemo<Column<OrderRow>[]>(() => {
    const format = formatOf(language);
    return [
      {
        id: 'what',
        header: t('placed'),
        cell: (order) => (
          <PageLink to="/orders/$id" params={{ id: order.id }}>
            {words.deed(order)}
          </PageLink>
        ),
      },
      ...(isOfOne
        ? []
        : [
            {
              id: 'product',
              header: t('product'),
              cell: ({ productName }: OrderRow) => productName ?? common('dash'),
            },
          ]),
      { id: 'status', header: common('status'), cell: ({ status }) => <OrderBadge status={status} /> },
      { id: 'total', header: t('total'), isNumber: true, cell: ({ total }) => format.money(total) },
      { id: 'who', header: t('by'), cell: ({ requestedBy }) => requestedBy },
      { id: 'at', header: t('at'), cell: ({ requestedAt }) => format.moment(requestedAt) },
    ];
  }, [t, common, words, language, isOfOne]);
  return (
    <DataList
      label={t('orders')}
      list={list}
      columns={columns}
      rowKey={orderKey}
      rowName={orderName}
      height="24rem"
      empty={<Empty title={t('noOrders')} detail={emptyDetail} />}
    />
  );
}
