import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { useCommand, useList } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { FilterBar, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { keyOf, nameOf, services, type ParkedMessage } from './parked-message.ts';
import { issues } from './texts.ts';

const DropDrawer = lazy(() => import('./drop-drawer.tsx'));
const RetryManyDrawer = lazy(() => import('./retry-many-drawer.tsx'));

const route = getRouteApi('/issues');

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** Messages that a service could not handle or publish: each waits for somebody, and blocks no other. */
export function IssuesPage(): ReactNode {
  const t = useTexts(issues);
  const word = useWord(issues);
  const { service, drawer, id } = route.useSearch();
  const navigate = route.useNavigate();
  const tell = useToast();
  const list = useList('/v1/parked-messages', { query: service ? { service } : {} }, { every: 30_000 });
  const columns = useColumns();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const retry = useCommand('post', '/v1/parked-messages/{id}/retry', {
    changes: ['/v1/parked-messages'],
    onDone: () => tell({ title: t('isRetried') }),
  });
  const go = (some: { service?: typeof service; drawer?: typeof drawer; id?: string }): void =>
    void navigate({ search: (before) => ({ ...before, drawer: undefined, id: undefined, ...some }) });
  const chosen = list.rows.find((one) => one.id === id);

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <ActionButton
          needs="POST /v1/parked-messages/{id}/retry"
          reason={list.rows.length === 0 ? t('emptyTitle') : undefined}
          onClick={() => go({ drawer: 'retry' })}
        >
          {t('retryMany')}
        </ActionButton>
      }
    >
      <FilterBar>
        <SelectFilter
          label={t('service')}
          value={service}
          options={services.map((value) => ({ value, label: value }))}
          onChange={(value) => go({ service: value })}
        />
      </FilterBar>
      <ProblemMessage error={retry.error} />
      <DataList
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        csv={false}
        selection={{ keys: selected, onChange: setSelected }}
        actions={(row) => [
          {
            label: t('retry'),
            needs: 'POST /v1/parked-messages/{id}/retry',
            onClick: () => retry.mutate({ path: { id: row.id } }),
          },
          {
            label: t('drop'),
            needs: 'POST /v1/parked-messages/{id}/drop',
            onClick: () => go({ drawer: 'drop', id: row.id }),
          },
        ]}
        empty={
          <Empty title={t('emptyTitle')} detail={service ? t('emptyService', { service }) : t('emptyDetail')}>
            {service ? (
              <PageLink to="/issues">{t('showAll')}</PageLink>
            ) : (
              <PageLink to="/orders" search={{ tab: 'attention' }}>
                {t('toOrders')}
              </PageLink>
            )}
          </Empty>
        }
      />
      <Text>{t('helps', { retry: word('remedy', 'retry'), drop: word('remedy', 'drop') })}</Text>
      <Suspense fallback={null}>
        {drawer === 'drop' && chosen && <DropDrawer message={chosen} onClose={() => go({})} />}
        {drawer === 'retry' && (
          <RetryManyDrawer
            messages={list.rows}
            selected={selected}
            onClose={() => {
              setSelected(new Set());
              go({});
            }}
          />
        )}
      </Suspense>
    </Page>
  );
}

function useColumns(): Column<ParkedMessage>[] {
  const t = useTexts(issues);
  const word = useWord(issues);
  const styles = useStyles();
  const language = useLanguage();
  return useMemo(() => {
    const format = formatOf(language);
    return [
      {
        id: 'what',
        header: t('message'),
        cell: ({ eventType, subject, eventId, direction }) => (
          <span className={styles.cell}>
            {eventId && direction === 'in' ? (
              <PageLink to="/developers/events" search={{ drawer: 'event', id: eventId }}>
                {eventType}
              </PageLink>
            ) : (
              <span>{eventType}</span>
            )}
            <Text size={200} className={styles.quiet}>
              {subject}
            </Text>
          </span>
        ),
      },
      {
        id: 'service',
        header: t('service'),
        width: '11rem',
        cell: ({ service, direction }) => (
          <span className={styles.cell}>
            <span>{service}</span>
            <Text size={200} className={styles.quiet}>
              {word('direction', direction)}
            </Text>
          </span>
        ),
      },
      {
        id: 'why',
        header: t('why'),
        cell: ({ reason, detail }) => (
          <span className={styles.cell}>
            <span>{forPeople(detail)}</span>
            <Text size={200} className={styles.quiet}>
              {reason}
            </Text>
          </span>
        ),
      },
      {
        id: 'remedy',
        header: t('remedy'),
        width: '9rem',
        cell: ({ remedy }) => (
          <StatusBadge tone={remedy === 'retry' ? 'warning' : 'bad'}>{word('remedy', remedy)}</StatusBadge>
        ),
      },
      {
        id: 'tries',
        header: t('tries'),
        isNumber: true,
        width: '5rem',
        cell: ({ tries }) => format.number(tries),
      },
      {
        id: 'parked',
        header: t('parkedAt'),
        width: '11rem',
        cell: ({ parkedAt, correlationId }) => (
          <span className={styles.cell}>
            <time dateTime={parkedAt} title={format.moment(parkedAt)}>
              {format.ago(parkedAt)}
            </time>
            {correlationId && (
              <PageLink to="/developers/events" search={{ correlation: correlationId }}>
                {t('sameCommand')}
              </PageLink>
            )}
          </span>
        ),
      },
    ];
  }, [t, word, styles, language]);
}
