import type { ReactNode } from 'react';
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { FilterBar, SelectFilter } from '../../parts/list/filters.tsx';
import { Empty } from '../../parts/list/list.tsx';
import type { Tone } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { RunCounts, toneOf, type AnyRun } from '../../parts/show/run-bar.tsx';
import { Timeline, type Moment } from '../../parts/show/timeline.tsx';
import { formatOf } from '../../texts/format.ts';
import { runs } from '../../texts/runs.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { integrations } from '../integrations/texts.ts';
import {
  differencesOf,
  failedStep,
  keyLabel,
  timelineKinds,
  type Change,
  type TimelineEntry,
  type TimelineRun,
} from './connector-view.ts';
import { connectorTexts } from './texts.ts';

const route = getRouteApi('/admin/hub/integrations/$id');
const perPage = 50;

const useStyles = makeStyles({
  detail: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  foot: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'center' },
});

/** What was done to the connector, by whom, and its runs with what came of them; newest first. */
export default function TimelineTab({ connector: { id } }: { connector: Connector }): ReactNode {
  const t = useTexts(connectorTexts);
  const common = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const momentOf = useMoments();
  const { only } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useList(
    '/v1/connectors/{id}/timeline',
    { path: { id }, query: { limit: perPage, ...(only && { only }) } },
    { every: 30_000 },
  );
  return (
    <>
      <FilterBar>
        <SelectFilter
          label={t('show')}
          value={only}
          options={timelineKinds.map((value) => ({ value, label: t(`only-${value}`) }))}
          onChange={(value) => void navigate({ search: (before) => ({ ...before, only: value }) })}
        />
      </FilterBar>
      <ProblemMessage error={list.error} onRetry={list.retry} />
      {list.rows.length > 0 && (
        <Timeline label={t('tab-timeline')} moments={list.rows.map(momentOf)} withDays />
      )}
      {list.rows.length === 0 && !list.isLoading && !list.error && (
        <Empty title={t('timelineEmpty')} detail={t('timelineEmptyDetail')} />
      )}
      {list.isLoading && <Text role="status">{common('loading')}</Text>}
      {list.rows.length > 0 && (
        <div className={styles.foot}>
          {list.hasMore && (
            <Button onClick={list.loadMore} disabledFocusable={list.isFetching}>
              {common('more')}
            </Button>
          )}
          <Text>{common('asOf', { time: format.time(list.asOf) })}</Text>
        </div>
      )}
    </>
  );
}

/** An entry as a moment of the timeline. */
function useMoments(): (entry: TimelineEntry, index: number) => Moment {
  const t = useTexts(connectorTexts);
  const word = useWord(connectorTexts);
  const wordOfRun = useWord(runs);
  const wordOfStep = useWord(integrations);
  const title = (change: Change): string => {
    if (change.action !== 'connector.verify')
      return word('action', change.action.replace('.', '-')) + labelOf(change);
    const step = failedStep(change);
    return step ? t('verifyFailed', { step: wordOfStep('step', step) }) : t('verifyPassed');
  };
  return ({ at, by, change, run }, index) => {
    if (run)
      return {
        key: run.id,
        at,
        until: run.finishedAt ?? undefined,
        title: run.kind === 'catalog' ? t('catalogRun') : wordOfRun('scope', run.scope),
        word: wordOfRun('status', run.status),
        tone: toneOf[run.status as AnyRun['status']] ?? 'neutral',
        detail: <RunDetail run={run} by={by} />,
      };
    return {
      key: `${at} ${change?.action} ${change?.correlationId} ${index}`,
      at,
      title: change ? title(change) : by,
      tone: change ? toneOfChange(change) : 'neutral',
      ...(change && {
        word: word('kind', change.action.split('.', 1)[0]!),
        detail: <ChangeDetail change={change} by={by} />,
      }),
    };
  };
}

const labelOf = (change: Change): string =>
  change.action.startsWith('api-key.') ? `: ${keyLabel(change)}` : '';

function toneOfChange(change: Change): Tone {
  if (change.action === 'connector.verify') return failedStep(change) ? 'bad' : 'good';
  return change.action === 'connector.pause' ? 'warning' : 'neutral';
}

function RunDetail({ run, by }: { run: TimelineRun; by: string }): ReactNode {
  const t = useTexts(connectorTexts);
  const word = useWord(runs);
  const styles = useStyles();
  const { kind, id, depth, trigger, apply, counts, failure, finishedAt } = run;
  const who = trigger === 'person' ? t('by', { by }) : word('trigger', trigger);
  return (
    <div className={styles.detail}>
      <Text>{[word('depth', depth), who, apply ? '' : t('planOnly')].filter(Boolean).join(' · ')}</Text>
      {finishedAt && <RunCounts run={{ counts }} />}
      {failure && <Text>{failure}</Text>}
      <PageLink to="/sync-runs/$kind/$id" params={{ kind, id }}>
        {t('showRun')}
      </PageLink>
    </div>
  );
}

function ChangeDetail({ change, by }: { change: Change; by: string }): ReactNode {
  const t = useTexts(connectorTexts);
  const common = useCommon();
  const word = useWord(connectorTexts);
  const styles = useStyles();
  return (
    <div className={styles.detail}>
      <Text>{[t('by', { by }), change.reason].filter(Boolean).join(' · ')}</Text>
      {differencesOf(change).map(({ field, from, to }) => (
        <Text key={field}>
          {to === 'changed' && from === undefined
            ? t('secretChanged', { field: word('field', field.replaceAll('.', '-')) })
            : t('fieldChanged', {
                field: word('field', field.replaceAll('.', '-')),
                from: from ?? common('dash'),
                to: to ?? common('dash'),
              })}
        </Text>
      ))}
    </div>
  );
}
