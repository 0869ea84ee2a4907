import type { ReactNode } from 'react';
import {
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  ProgressBar,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import type { Answer, Connector, Operation } from '@isthmus/sdk';
import { useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { Facts } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { connectorTexts } from './texts.ts';

type Budget = Answer<Operation<'get', '/v1/connectors/{id}/budget'>>;
type LaneUsage = Budget['lanes'][number];

const useStyles = makeStyles({
  meters: {
    display: 'grid',
    gap: tokens.spacingHorizontalXXL,
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(16rem, 100%), 1fr))',
  },
  lanes: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalS },
  lane: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(14rem, 100%), 1fr))',
    gap: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalM}`,
    alignItems: 'center',
    padding: `${tokens.spacingVerticalS} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
});

/** How many calls Ingram Micro allows, how many all services have made, and who may still make some. */
export default function BudgetTab({ connector: { id } }: { connector: Connector }): ReactNode {
  const t = useTexts(connectorTexts);
  const common = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const {
    data: budget,
    error,
    refetch,
  } = useOne('/v1/connectors/{id}/budget', { path: { id } }, { every: 10_000 });
  const problem = <ProblemMessage error={error} onRetry={() => void refetch()} />;
  if (!budget) return error ? problem : <Text role="status">{common('loading')}</Text>;
  const { usedLastMinute, perMinute, usedToday, perDay, refusedToday, closedUntil, resetsAt } = budget;
  return (
    <>
      {problem}
      <Text>{t('budgetLead')}</Text>
      {closedUntil && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t('closedUntil', { time: format.moment(closedUntil) })}</MessageBarBody>
        </MessageBar>
      )}
      <div className={styles.meters}>
        <Meter label={t('lastMinute')} used={usedLastMinute} most={perMinute} />
        <Meter label={t('lastDay')} used={usedToday} most={perDay} />
      </div>
      <Facts
        facts={[
          { term: t('refusedToday'), value: format.number(refusedToday) },
          { term: t('resetsAt'), value: format.moment(resetsAt) },
          { term: t('budgetAsOf'), value: format.time(budget.asOf) },
        ]}
      />
      <Title3 as="h2">{t('lanes')}</Title3>
      <ul className={styles.lanes} aria-label={t('lanes')}>
        {budget.lanes.map((lane) => (
          <LaneRow key={lane.lane} {...lane} />
        ))}
      </ul>
      <Text>{t('waitingUnknown')}</Text>
    </>
  );
}

function Meter({ label, used, most }: { label: string; used: number; most: number | null }): ReactNode {
  const t = useTexts(connectorTexts);
  const format = formatOf(useLanguage());
  const share = most ? used / most : 0;
  const text =
    most === null
      ? t('usedOfUnknown', { used: format.number(used) })
      : t('usedOf', { used: format.number(used), most: format.number(most), share: format.percent(share) });
  return (
    <Field label={label} validationState="none" validationMessage={text}>
      <ProgressBar
        value={Math.min(1, share)}
        color={share >= 1 ? 'error' : share >= 0.9 ? 'warning' : 'brand'}
        aria-label={label}
        aria-valuetext={text}
      />
    </Field>
  );
}

/** One priority: how much of the day it may use, and whether it could make a call now. */
function LaneRow({ lane, perDay, heldBackBy, until }: LaneUsage): ReactNode {
  const t = useTexts(connectorTexts);
  const word = useWord(connectorTexts);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  // A pace of a second or less is how syncs always go.
  const isHeld = heldBackBy !== null && heldBackBy !== 'pace';
  return (
    <li className={styles.lane}>
      <Text weight="semibold">{word('lane', lane)}</Text>
      <Text>{perDay === null ? t('noDailyLimit') : t('laneUpTo', { calls: format.number(perDay) })}</Text>
      <span>
        <StatusBadge tone={isHeld ? 'warning' : 'good'}>
          {isHeld ? word('held', heldBackBy) : t('free')}
        </StatusBadge>{' '}
        {isHeld && until && t('untilTime', { time: format.moment(until) })}
      </span>
    </li>
  );
}
