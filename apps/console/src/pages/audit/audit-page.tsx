import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { Button, Link, makeStyles, Text, tokens, useRestoreFocusTarget } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { differencesIn } from '../../data/changes.ts';
import { useList } from '../../data/queries.ts';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { useRecordWords } from '../../parts/history/record-words.ts';
import { DayFilter, FilterBar, SearchFilter, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { HubTabs } from '../../parts/show/hub-tabs.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { records } from '../../parts/history/texts.ts';
import { useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { auditServices, filtersOf, idOf, type Entry } from './audit-filters.ts';
import { audit } from './texts.ts';

const EntryDrawer = lazy(() => import('./entry-drawer.tsx'));

const route = getRouteApi('/admin/hub/audit');
/** More are in the drawer of the entry. */
const fieldsShown = 6;
const actions = [...records.names].flatMap((name) =>
  name.startsWith('action-') ? [name.slice('action-'.length)] : [],
);
const nameOf = ({ action, thingId, sequence }: Entry): string => `${action} ${thingId} ${sequence}`;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
  any: { overflowWrap: 'anywhere' },
});

/** Who did what, through what, when and why, over all services. */
export function AuditPage(): ReactNode {
  const t = useTexts(audit);
  const word = useWord(audit);
  const words = useRecordWords();
  const styles = useStyles();
  const language = useLanguage();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { entry, ...filters } = search;
  const query = filtersOf(filters);
  const list = useList('/v1/audit', { query }, { every: 15_000 });
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const columns = useMemo<Column<Entry>[]>(() => {
    const format = formatOf(language);
    const open = (one: Entry): void =>
      void navigate({ search: (before) => ({ ...before, entry: idOf(one) }) });
    return [
      {
        id: 'at',
        header: t('at'),
        width: '8rem',
        cell: ({ time }) => (
          <time dateTime={time} title={format.ago(time)}>
            {`${format.day(time)}, ${format.time(time)}`}
          </time>
        ),
      },
      {
        id: 'who',
        header: t('who'),
        width: '13rem',
        cell: ({ subject, channel, role }) => (
          <span className={styles.cell}>
            <span className={styles.any}>{words.by(subject)}</span>
            <Text size={200} className={styles.quiet}>
              {[word('channel', channel), role].filter(Boolean).join(' · ')}
            </Text>
          </span>
        ),
      },
      {
        id: 'action',
        header: t('action'),
        width: '15rem',
        cell: (one) => (
          <span className={styles.cell}>
            <EntryButton onClick={() => open(one)}>{words.action(one.action)}</EntryButton>
            <Text size={200} className={styles.quiet}>
              {nameIn(one) ?? words.thing(one.thingType)}
            </Text>
          </span>
        ),
      },
      {
        id: 'changed',
        header: t('changed'),
        cell: (one) => {
          const changes = differencesIn(one.before, one.after);
          const kind = one.before === null ? t('new') : one.after === null ? t('gone') : '';
          return (
            <span className={styles.cell}>
              <span className={styles.any}>
                {[kind, ...changes.slice(0, fieldsShown).map(({ field }) => words.field(field))]
                  .filter(Boolean)
                  .join(', ')}
                {changes.length > fieldsShown && ` … (${changes.length})`}
              </span>
              {one.reason && <Text size={200}>{t('because', { reason: one.reason })}</Text>}
            </span>
          );
        },
      },
    ];
  }, [t, word, words, styles, language, navigate]);
  const actionsFor = (one: Entry): RowAction[] => [
    { label: t('show'), onClick: () => go({ entry: idOf(one) }) },
    { label: t('sameThing'), onClick: () => go({ type: one.thingType, thing: one.thingId }) },
    { label: t('samePerson'), onClick: () => go({ by: one.subject }) },
    { label: t('sameAction'), onClick: () => go({ action: one.action }) },
  ];
  const shown = list.rows.find((one) => idOf(one) === entry);

  return (
    <Page title={t('title')} lead={t('lead')}>
      <HubTabs value="audit" />
      <FilterBar>
        <SearchFilter label={t('byFilter')} value={filters.by} onChange={(by) => go({ by })} />
        <SelectFilter
          label={t('action')}
          value={filters.action}
          options={actions.map((value) => ({ value, label: words.action(value) }))}
          onChange={(action) => go({ action })}
        />
        <SearchFilter label={t('thingFilter')} value={filters.thing} onChange={(thing) => go({ thing })} />
        <SelectFilter
          label={t('service')}
          value={filters.service}
          options={auditServices.map((value) => ({ value, label: words.service(value) }))}
          onChange={(service) => go({ service })}
        />
        {(['from', 'to'] as const).map((name) => (
          <DayFilter
            key={name}
            label={t(name)}
            value={filters[name]}
            onChange={(value) => go({ [name]: value })}
          />
        ))}
        {filters.type && (
          <Button onClick={() => go({ type: undefined })}>
            {t('notOnly', { type: words.thing(filters.type) })}
          </Button>
        )}
      </FilterBar>
      <DataList
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={idOf}
        rowName={nameOf}
        actions={actionsFor}
        height="calc(100dvh - 25rem)"
        empty={
          Object.keys(query).length > 0 ? (
            <Empty title={t('noneTitle')} detail={t('noneDetail')}>
              <PageLink to="/admin/hub/audit">{t('showAll')}</PageLink>
            </Empty>
          ) : (
            <Empty title={t('emptyTitle')} detail={t('emptyDetail')} />
          )
        }
      />
      <Suspense fallback={null}>
        {shown && <EntryDrawer entry={shown} onClose={() => go({ entry: undefined })} />}
      </Suspense>
    </Page>
  );
}

/** Focus comes back to it when the drawer is closed. */
function EntryButton({ onClick, children }: { onClick: () => void; children: string }): ReactNode {
  return (
    <Link {...useRestoreFocusTarget()} as="button" inline onClick={onClick}>
      {children}
    </Link>
  );
}

/** How the thing is called, if the entry says so. */
function nameIn({ before, after }: Entry): string | undefined {
  const name = after?.['name'] ?? before?.['name'] ?? after?.['label'] ?? before?.['label'];
  return typeof name === 'string' && name !== '' ? name : undefined;
}
