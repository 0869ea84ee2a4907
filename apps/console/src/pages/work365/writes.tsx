import { useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useConnectors } from '../../data/connectors.ts';
import { useList } from '../../data/queries.ts';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { StatusBadge, type Tone } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { work365 } from './texts.ts';
import { deedsOf, type Write, type writesOf } from './work365-filters.ts';

const keyOf = ({ id }: Write): string => id;

const tones: Readonly<Record<Write['status'], Tone>> = {
  open: 'neutral',
  'awaiting-approval': 'warning',
  ordered: 'busy',
  done: 'good',
  refused: 'bad',
};

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
});

/** What Work 365 asked to be bought or changed, how far that is, and the orders that do it. */
export function Writes({ filters }: { filters: ReturnType<typeof writesOf> }): ReactNode {
  const t = useTexts(work365);
  const common = useCommon();
  const word = useWord(work365);
  const styles = useStyles();
  const language = useLanguage();
  const { nameOf: connectorName } = useConnectors();
  const list = useList('/v1/work365/writes', { query: filters }, { every: 10_000 });
  const columns = useMemo<Column<Write>[]>(() => {
    const format = formatOf(language);
    return [
      {
        id: 'what',
        header: t('what'),
        cell: (write) => (
          <span className={styles.cell}>
            {deedsOf(write).map(({ name, quantity, partNumber }) => (
              <span key={name} className={styles.cell}>
                <span>{t(`deed-${name}`, { quantity: quantity ?? 0 })}</span>
                {partNumber && <code className={styles.quiet}>{partNumber}</code>}
              </span>
            ))}
            {write.subscriptionId && (
              <PageLink to="/subscriptions/$id" params={{ id: write.subscriptionId }}>
                {t('subscription')}
              </PageLink>
            )}
          </span>
        ),
      },
      {
        id: 'status',
        header: common('status'),
        cell: ({ status, refusal }) => (
          <span className={styles.cell}>
            <StatusBadge tone={tones[status]}>{word('status', status)}</StatusBadge>
            {refusal && (
              <>
                <Text size={200}>{forPeople(refusal.detail)}</Text>
                {forPeople(refusal.nextStep) && (
                  <Text size={200} weight="semibold">
                    {forPeople(refusal.nextStep)}
                  </Text>
                )}
              </>
            )}
          </span>
        ),
      },
      {
        id: 'orders',
        header: t('orders'),
        cell: ({ orderIds }) =>
          orderIds.length === 0 ? (
            t('noOrder')
          ) : (
            <span className={styles.cell}>
              {orderIds.map((id, index) => (
                <PageLink key={id} to="/orders/$id" params={{ id }}>
                  {t('order', { number: index + 1 })}
                </PageLink>
              ))}
            </span>
          ),
      },
      {
        id: 'who',
        header: t('key'),
        cell: ({ requestedBy, connectorId }) => (
          <span className={styles.cell}>
            <span>{requestedBy}</span>
            <Text size={200} className={styles.quiet}>
              {connectorName(connectorId)}
            </Text>
          </span>
        ),
      },
      {
        id: 'at',
        header: t('asked'),
        width: '11rem',
        cell: ({ createdAt, finishedAt }) => (
          <span className={styles.cell}>
            <time dateTime={createdAt}>{format.moment(createdAt)}</time>
            {finishedAt && (
              <Text size={200} className={styles.quiet}>
                {t('finished', { time: format.moment(finishedAt) })}
              </Text>
            )}
          </span>
        ),
      },
    ];
  }, [t, common, word, styles, language, connectorName]);
  return (
    <DataList
      label={t('tab-writes')}
      list={list}
      columns={columns}
      rowKey={keyOf}
      rowName={keyOf}
      empty={
        Object.keys(filters).some((name) => name !== 'connectorId') ? (
          <Empty title={t('noWrite')} detail={t('noCallDetail')}>
            <PageLink to="/developers/work365" search={{ tab: 'writes' }}>
              {t('showAll')}
            </PageLink>
          </Empty>
        ) : (
          <Empty title={t('neverWritten')} detail={t('neverWrittenDetail')} />
        )
      }
    />
  );
}
