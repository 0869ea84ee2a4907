import { useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { useCommand, useList } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { FilterBar, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { reportStatuses, type Report } from './invoice-values.ts';
import { invoices } from './texts.ts';

const keyOf = ({ id }: Report): string => id;
const nameOf = ({ name, cmpReportId }: Report): string => `${name} ${cmpReportId}`;
const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface ReportsProps {
  connectorId: string | undefined;
  status: (typeof reportStatuses)[number] | undefined;
  onStatus: (status: (typeof reportStatuses)[number] | undefined) => void;
}

/** The files invoices come from: what was read, what failed and what to do then. */
export function Reports({ connectorId, status, onStatus }: ReportsProps): ReactNode {
  const t = useTexts(invoices);
  const word = useWord(invoices);
  const tell = useToast();
  const columns = useColumns();
  const list = useList(
    '/v1/rated-reports',
    { query: { ...(connectorId && { connectorId }), ...(status && { status }) } },
    { every: 30_000 },
  );
  const again = useCommand('post', '/v1/rated-reports/{id}/reimport', {
    changes: ['/v1/sync-runs', '/v1/rated-reports', '/v1/invoices'],
  });
  const actionsFor = ({ id, name }: Report): RowAction[] => [
    {
      label: t('readAgain'),
      needs: 'POST /v1/rated-reports/{id}/reimport',
      onClick: () =>
        again.mutate(
          { path: { id } },
          {
            onSuccess: (run) =>
              tell({
                title: t('readingAgain', { name }),
                intent: 'info',
                next: (
                  <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'account', id: run.id }}>
                    {t('toRun')}
                  </PageLink>
                ),
              }),
          },
        ),
    },
  ];
  return (
    <>
      <FilterBar>
        <SelectFilter
          label={t('outcome')}
          value={status}
          options={reportStatuses.map((value) => ({ value, label: word('report', value) }))}
          onChange={onStatus}
        />
      </FilterBar>
      <ProblemMessage error={again.error} />
      {again.data && (
        <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'account', id: again.data.id }}>
          {t('toRun')}
        </PageLink>
      )}
      <DataList
        label={t('tab-reports')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        actions={actionsFor}
        empty={
          <Empty
            title={t(status === 'failed' ? 'noFailedTitle' : 'noReportTitle')}
            detail={t(status === 'failed' ? 'noFailedDetail' : 'noReportDetail')}
          />
        }
      />
    </>
  );
}

function useColumns(): Column<Report>[] {
  const t = useTexts(invoices);
  const word = useWord(invoices);
  const styles = useStyles();
  const language = useLanguage();
  return useMemo(() => {
    const format = formatOf(language);
    return [
      {
        id: 'name',
        header: t('report'),
        cell: ({ name, cmpReportId, type, format: fileFormat }) => (
          <span className={styles.cell}>
            <span>{name}</span>
            <Text size={200} className={styles.quiet}>
              {[cmpReportId, type, fileFormat].filter(Boolean).join(' · ')}
            </Text>
          </span>
        ),
      },
      {
        id: 'period',
        header: t('period'),
        cell: ({ periodFrom, periodUntil }) => `${format.day(periodFrom)} – ${format.day(periodUntil)}`,
      },
      { id: 'generated', header: t('generated'), cell: ({ generatedAt }) => format.moment(generatedAt) },
      {
        id: 'outcome',
        header: t('outcome'),
        cell: ({ status, failure, attempts, unknownChargeTypes }) => (
          <span className={styles.cell}>
            <StatusBadge tone={status === 'failed' ? 'bad' : failure ? 'warning' : 'good'}>
              {word('report', status)}
            </StatusBadge>
            {failure && (
              <>
                <code>{failure.code}</code>
                <Text size={200}>{forPeople(failure.detail)}</Text>
                <Text size={200} weight="semibold">
                  {forPeople(failure.nextStep)}
                </Text>
                <Text size={200} className={styles.quiet}>
                  {t('attempts', { count: attempts })}
                </Text>
              </>
            )}
            {unknownChargeTypes.length > 0 && (
              <Text size={200}>{t('unknownCharges', { words: unknownChargeTypes.join(', ') })}</Text>
            )}
          </span>
        ),
      },
      {
        id: 'rows',
        header: t('rows'),
        isNumber: true,
        width: '6rem',
        cell: ({ rows }) => format.number(rows),
      },
      { id: 'read', header: t('readAt'), width: '8rem', cell: ({ readAt }) => format.ago(readAt) },
    ];
  }, [t, word, styles, language]);
}
