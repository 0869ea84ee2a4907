import { useMemo, type ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import type { Operation, Row } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { Copyable } from '../../parts/feedback/problem.tsx';
import { useRecordWords } from '../../parts/history/record-words.ts';
import { FilterBar, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { runs } from '../../texts/runs.ts';
import { useCommon, useTexts, useWord } from '../../texts/use-texts.ts';
import { syncRuns } from './texts.ts';

type RunRecord = Row<Operation<'get', '/v1/sync-runs/{id}/records'>>;
const route = getRouteApi('/sync-runs/$kind/$id');
const results = ['appeared', 'changed', 'ended', 'set-aside', 'failed'] as const;
const keyOf = ({ kind, cmpId, correlationId, result }: RunRecord): string =>
  `${kind} ${cmpId ?? correlationId} ${result}`;
const nameOf = ({ kind, cmpId }: RunRecord): string => `${kind} ${cmpId ?? ''}`.trim();

/** What a run did, record by record. */
export default function RunRecords({
  list,
}: {
  list: Parameters<typeof DataList<RunRecord>>[0]['list'];
}): ReactNode {
  const t = useTexts(syncRuns);
  const common = useCommon();
  const word = useWord(runs);
  const { result } = route.useSearch();
  const navigate = route.useNavigate();
  const columns = useMemo<Column<RunRecord>[]>(
    () => [
      { id: 'record', header: t('record'), cell: (row) => <RecordName record={row} /> },
      { id: 'result', header: t('result'), cell: (row) => word('result', row.result), width: '8rem' },
      { id: 'changed', header: t('changedFields'), cell: (row) => <Changed record={row} /> },
      {
        id: 'correlation',
        header: t('correlation'),
        cell: ({ correlationId }) =>
          correlationId ? <Copyable label={t('correlation')} value={correlationId} /> : common('dash'),
      },
    ],
    [t, common, word],
  );
  return (
    <>
      <FilterBar>
        <SelectFilter
          label={t('resultFilter')}
          value={result}
          options={results.map((value) => ({ value, label: word('result', value) }))}
          onChange={(value) => void navigate({ search: (before) => ({ ...before, result: value }) })}
        />
      </FilterBar>
      <DataList
        label={t('records')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        height="calc(100dvh - 22rem)"
        empty={<Empty title={t('emptyRecords')} detail={t('emptyRecordsDetail')} />}
      />
    </>
  );
}

/** What it is, with its number; a link to where the console shows such things by their number. */
function RecordName({ record: { kind, cmpId } }: { record: RunRecord }): ReactNode {
  const words = useRecordWords();
  const name = [words.thing(kind), cmpId].filter(Boolean).join(' ');
  if (!cmpId) return name;
  if (kind === 'provider-account')
    return (
      <PageLink to="/accounts" search={{ q: cmpId }}>
        {name}
      </PageLink>
    );
  if (kind === 'provider-subscription')
    return (
      <PageLink to="/subscriptions" search={{ q: cmpId }}>
        {name}
      </PageLink>
    );
  return name;
}

function Changed({ record: { values, changed, reason } }: { record: RunRecord }): ReactNode {
  const t = useTexts(syncRuns);
  const words = useRecordWords();
  if (values)
    return (
      <>
        {Object.entries(values).map(([field, { from, to }]) => (
          <Text key={field} block>
            {t('fromTo', { field: words.field(field), from: words.value(from), to: words.value(to) })}
          </Text>
        ))}
        {reason && <Text>{forPeople(reason)}</Text>}
      </>
    );
  return [changed?.map(words.field).join(', '), forPeople(reason)].filter(Boolean).join(' · ') || null;
}
