import { useMemo, type ReactNode } from 'react';
import { makeStyles, MessageBar, MessageBarBody, Text, tokens } from '@fluentui/react-components';
import type { Answer, Operation } from '@isthmus/sdk';
import { useList } from '../../data/queries.ts';
import { formatOf } from '../../texts/format.ts';
import { subscriptions } from '../../texts/subscriptions.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { forPeople } from '../feedback/for-people.ts';
import { DataList, Empty, type Column } from '../list/list.tsx';
import { StatusBadge } from '../show/badges.tsx';
import { PageLink } from '../show/links.tsx';
import { useReadAgain } from './read-again.tsx';
import { unread } from './texts.ts';

/** As Ingram Micro has it. */
export type ProviderSubscription = Answer<Operation<'get', '/v1/provider-subscriptions/{id}'>>;

const keyOf = ({ id }: ProviderSubscription): string => id;
const nameOf = ({ name }: ProviderSubscription): string => name;
const soon = { every: 10_000 };

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface UnreadListProps {
  of: { connectorId?: string | undefined; providerAccountId?: string | undefined };
  height?: string;
}

/** Subscriptions whose details have not been read: with provisional seats, which say so, and why one could not be read. */
export default function UnreadList({
  of: { connectorId, providerAccountId },
  height,
}: UnreadListProps): ReactNode {
  const t = useTexts(unread);
  const say = useTexts(subscriptions);
  const common = useCommon();
  const word = useWord(subscriptions);
  const styles = useStyles();
  const language = useLanguage();
  const { start } = useReadAgain();
  const list = useList(
    '/v1/provider-subscriptions',
    {
      query: {
        unread: true,
        ...(connectorId && { connectorId }),
        ...(providerAccountId && { providerAccountId }),
      },
    },
    soon,
  );
  const columns = useMemo<Column<ProviderSubscription>[]>(() => {
    const format = formatOf(language);
    return [
      {
        id: 'name',
        header: say('subscription'),
        cell: ({ id, name, cmpSubscriptionId }) => (
          <span className={styles.cell}>
            <PageLink to="/subscriptions/$id" params={{ id }}>
              {name}
            </PageLink>
            <Text size={200} className={styles.quiet}>
              {cmpSubscriptionId}
            </Text>
          </span>
        ),
      },
      // On a customer's own page it is known whose they are.
      ...(providerAccountId
        ? []
        : [
            {
              id: 'account',
              header: say('account'),
              cell: ({ providerAccountId: id, cmpAccountId }: ProviderSubscription) => (
                <PageLink to="/accounts/$id" params={{ id }}>
                  {cmpAccountId}
                </PageLink>
              ),
            },
          ]),
      { id: 'seats', header: say('seats'), cell: ({ seats }) => <UnconfirmedSeats seats={seats} /> },
      { id: 'renewal', header: say('renewal'), cell: ({ renewalDate }) => format.day(renewalDate) },
      {
        id: 'status',
        header: common('status'),
        cell: ({ status, detailFailure }) => (
          <span className={styles.cell}>
            <StatusBadge tone={status === 'active' ? 'good' : 'neutral'}>
              {word('status', status)}
            </StatusBadge>
            {detailFailure && <Text size={200}>{t('failed', { reason: forPeople(detailFailure) })}</Text>}
          </span>
        ),
      },
    ];
  }, [t, say, common, word, styles, language, providerAccountId]);
  return (
    <>
      {list.rows.length > 0 && <UnreadHint />}
      <DataList
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        actions={(row) => [{ label: t('readNow'), needs: 'POST /v1/sync-runs', onClick: () => start(row) }]}
        {...(height !== undefined && { height })}
        empty={<Empty title={t('noneTitle')} detail={t('noneDetail')} />}
      />
    </>
  );
}

/** What a provisional number of seats is, and when it is confirmed. */
export function UnreadHint(): ReactNode {
  const t = useTexts(unread);
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>
        {t('lead')} {t('when')}
      </MessageBarBody>
    </MessageBar>
  );
}

/** How many seats there seem to be, marked, and by what. */
export function UnconfirmedSeats({ seats }: Pick<ProviderSubscription, 'seats'>): ReactNode {
  const t = useTexts(unread);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  if (!seats) return <Text className={styles.quiet}>{t('unknown')}</Text>;
  return (
    <span className={styles.cell}>
      <span>
        {format.number(seats.quantity)}{' '}
        {seats.certainty === 'provisional' && <StatusBadge tone="warning">{t('provisional')}</StatusBadge>}
      </span>
      {seats.certainty === 'provisional' && (
        <Text size={200} className={styles.quiet}>
          {t('chargedFrom', { day: format.day(seats.asOf) })}
        </Text>
      )}
    </span>
  );
}
