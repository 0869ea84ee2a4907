import { useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Operation, Row } from '@isthmus/sdk';
import { useList } from '../../data/queries.ts';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { orders } from './texts.ts';

type OrderAtCmp = Row<Operation<'get', '/v1/orders/at-cmp'>>;

const keyOf = ({ connectorId, cmpOrderId }: OrderAtCmp): string => `${connectorId} ${cmpOrderId}`;
const nameOf = ({ orderNumber, cmpOrderId }: OrderAtCmp): string => orderNumber ?? cmpOrderId;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
});

/** Orders that CMP has and that were not placed here: in its control panel, or by another program. */
export function OrdersElsewhere({ connectorId }: { connectorId: string | undefined }): ReactNode {
  const t = useTexts(orders);
  const common = useCommon();
  const word = useWord(orders);
  const styles = useStyles();
  const language = useLanguage();
  const list = useList('/v1/orders/at-cmp', {
    query: { placed: 'elsewhere', ...(connectorId && { connectorId }) },
  });
  const columns = useMemo<Column<OrderAtCmp>[]>(() => {
    const format = formatOf(language);
    return [
      { id: 'number', header: t('number'), cell: (order) => nameOf(order) },
      {
        id: 'type',
        header: t('what'),
        cell: ({ type, upgrade }) =>
          upgrade ? t('upgrade', { type: word('type', type) }) : word('type', type),
      },
      {
        id: 'subscriptions',
        header: t('subscriptions'),
        cell: ({ subscriptions, cmpSubscriptionIds }) =>
          subscriptions.length === 0 ? (
            cmpSubscriptionIds.join(', ') || common('dash')
          ) : (
            <span className={styles.cell}>
              {subscriptions.map(({ subscriptionId, name, accountName }) => (
                <span key={subscriptionId}>
                  <PageLink to="/subscriptions/$id" params={{ id: subscriptionId }}>
                    {name}
                  </PageLink>{' '}
                  <Text size={200}>{accountName}</Text>
                </span>
              ))}
            </span>
          ),
      },
      {
        id: 'lines',
        header: t('lines'),
        cell: ({ lines }) =>
          lines?.length
            ? lines.map(({ mpn, quantity }) => (
                <span key={mpn} title={mpn}>
                  {t('lineOf', { quantity })}
                </span>
              ))
            : common('dash'),
      },
      { id: 'status', header: t('cmpStatus'), width: '8rem', cell: ({ status }) => word('cmp', status) },
      {
        id: 'created',
        header: t('created'),
        width: '11rem',
        cell: ({ createdAt }) => format.moment(createdAt),
      },
      { id: 'done', header: t('done'), width: '11rem', cell: ({ doneAt }) => format.moment(doneAt) },
    ];
  }, [t, common, word, styles, language]);
  return (
    <DataList
      label={t('tab-elsewhere')}
      list={list}
      columns={columns}
      rowKey={keyOf}
      rowName={nameOf}
      empty={
        <Empty title={t('noneElsewhere')} detail={t('noneElsewhereDetail')}>
          <PageLink to="/orders">{t('showAll')}</PageLink>
        </Empty>
      }
    />
  );
}
