import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { makeStyles, MessageBar, MessageBarBody, Text, tokens } from '@fluentui/react-components';
import type { Operation, Row } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { useList, useOne } from '../../data/queries.ts';
import { DayFilter, FilterBar, SearchFilter, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import { isBeforeKept, keptDays, queryOf, shortType } from './event-filters.ts';
import { events } from './texts.ts';

const EventDrawer = lazy(() => import('./event-drawer.tsx'));
const ReplayDrawer = lazy(() => import('./replay-drawer.tsx'));

type EventRow = Row<Operation<'get', '/v1/events'>>;

const route = getRouteApi('/developers/events');
const keyOf = ({ id }: EventRow): string => id;
const nameOf = ({ type, subject }: EventRow): string => `${shortType(type)} ${subject}`;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground2 },
  body: { whiteSpace: 'normal' },
});

/** What the platform has published in the last days, as webhooks carry it. */
export function EventsPage(): ReactNode {
  const t = useTexts(events);
  const styles = useStyles();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = queryOf(search);
  const list = useList('/v1/events', { query }, { every: 10_000 });
  const types = useOne('/v1/event-types', {});
  const columns = useColumns();
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const close = (): void => go({ drawer: undefined, id: undefined });
  const isFiltered = Object.keys(query).length > 0;
  const { type, drawer, id } = search;
  const known = types.data ?? [];
  const options = [...new Set([...known.map((one) => one.type), ...(type ? [type] : [])])];

  return (
    <Page title={t('title')} lead={t('lead', { days: keptDays })}>
      <FilterBar>
        <SelectFilter
          label={t('type')}
          value={type}
          options={options.map((value) => ({ value, label: value }))}
          onChange={(value) => go({ type: value })}
        />
        <SearchFilter label={t('subject')} value={search.subject} onChange={(subject) => go({ subject })} />
        <SearchFilter
          label={t('correlation')}
          value={search.correlation}
          onChange={(correlation) => go({ correlation })}
        />
        <DayFilter label={t('from')} value={search.from} onChange={(from) => go({ from })} />
        <DayFilter label={t('to')} value={search.to} onChange={(to) => go({ to })} />
      </FilterBar>
      {type && known.some((one) => one.type === type) && (
        <Text>
          {known.find((one) => one.type === type)?.summary}{' '}
          <PageLink
            to="/developers/events"
            search={(before: object) => ({ ...before, drawer: 'type' as const })}
          >
            {t('schema')}
          </PageLink>
        </Text>
      )}
      {isBeforeKept(search.to) && (
        <MessageBar intent="warning">
          <MessageBarBody className={styles.body}>{t('gone', { days: keptDays })}</MessageBarBody>
        </MessageBar>
      )}
      <DataList
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        csv={false}
        actions={(row) => [
          { label: t('show'), onClick: () => go({ drawer: 'event', id: row.id }) },
          {
            label: t('replay'),
            needs: 'POST /v1/webhook-endpoints/{id}/replay',
            onClick: () => go({ drawer: 'replay', id: row.id }),
          },
          { label: t('sameCommand'), onClick: () => go({ correlation: row.correlationId }) },
        ]}
        empty={
          isFiltered ? (
            <Empty title={t('noneTitle')} detail={t('noneDetail', { days: keptDays })}>
              <PageLink to="/developers/events">{t('showAll')}</PageLink>
            </Empty>
          ) : (
            <Empty title={t('emptyTitle')} detail={t('emptyDetail')}>
              <PageLink to="/admin/hub/integrations">{t('toIntegrations')}</PageLink>
            </Empty>
          )
        }
      />
      <Suspense fallback={null}>
        {drawer === 'event' && id && (
          <EventDrawer id={id} onReplay={() => go({ drawer: 'replay' })} onClose={close} />
        )}
        {drawer === 'replay' && id && <ReplayDrawer id={id} onClose={close} />}
        {drawer === 'type' && type && <EventTypeDrawer type={type} onClose={close} />}
      </Suspense>
    </Page>
  );
}

const EventTypeDrawer = lazy(() => import('./event-type-drawer.tsx'));

function useColumns(): Column<EventRow>[] {
  const t = useTexts(events);
  const styles = useStyles();
  const language = useLanguage();
  return useMemo(() => {
    const format = formatOf(language);
    return [
      {
        id: 'what',
        header: t('event'),
        cell: ({ id, type, source }) => (
          <span className={styles.cell}>
            <PageLink
              to="/developers/events"
              search={(before: object) => ({ ...before, drawer: 'event' as const, id })}
            >
              {shortType(type)}
            </PageLink>
            <Text size={200} className={styles.quiet}>
              {source}
            </Text>
          </span>
        ),
      },
      { id: 'subject', header: t('subject'), cell: ({ subject }) => <code>{subject}</code> },
      {
        id: 'correlation',
        header: t('correlation'),
        cell: ({ correlationId }) => (
          <PageLink
            to="/developers/events"
            search={(before: object) => ({ ...before, correlation: correlationId })}
          >
            {correlationId}
          </PageLink>
        ),
      },
      {
        id: 'time',
        header: t('time'),
        width: '11rem',
        cell: ({ time }) => (
          <span className={styles.cell}>
            <time dateTime={time}>{format.moment(time)}</time>
            <Text size={200} className={styles.quiet}>
              {format.ago(time)}
            </Text>
          </span>
        ),
      },
    ];
  }, [t, styles, language]);
}
