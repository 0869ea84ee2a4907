import { useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Order } from '@isthmus/sdk';
import { forPeople, saidOf } from '../../parts/feedback/for-people.ts';
import { Copyable } from '../../parts/feedback/problem.tsx';
import { isAtRest, orderTones } from '../../parts/order/order-words.tsx';
import { Timeline, type Moment } from '../../parts/show/timeline.tsx';
import { formatOf, type Format } from '../../texts/format.ts';
import { orderWords } from '../../texts/orders.ts';
import { useLanguage, useTexts, useWord, type NameIn, type Translate } from '../../texts/use-texts.ts';
import { momentsOf, type OrderCall, type OrderMoment } from './order-timeline.ts';
import { orders } from './texts.ts';

const useStyles = makeStyles({
  detail: { display: 'grid', gap: tokens.spacingVerticalXXS },
  quiet: { color: tokens.colorNeutralForeground2 },
  raw: { overflowX: 'auto', margin: 0, maxHeight: '20rem', fontSize: tokens.fontSizeBase200 },
});

interface OrderLifeProps {
  order: Order;
  calls: readonly OrderCall[];
  onlyFailed: boolean;
}

/** What happened to an order and what it waited for, with each call to CMP. */
export function OrderLife({ order, calls, onlyFailed }: OrderLifeProps): ReactNode {
  const t = useTexts(orders);
  const word = useWord(orderWords);
  const waitWord = useWord(orders);
  const format = formatOf(useLanguage());
  const { history, waiting } = order;
  const goesOn = !isAtRest(order);
  const happened = useMemo(
    () => momentsOf(history ?? [], calls, { goesOn, onlyFailed }),
    [history, calls, goesOn, onlyFailed],
  );
  const show = (moment: OrderMoment, index: number): Moment => {
    const key = `${moment.kind} ${moment.at} ${index}`;
    if (moment.kind === 'call') return callMoment(key, moment.call, t, waitWord, format);
    if (moment.kind === 'wait') {
      const isNow = moment.until === undefined;
      return {
        ...{ key, at: moment.at, until: moment.until, tone: 'neutral' },
        title: isNow && waiting ? waitWord('wait', waiting.for) : t('waited'),
        ...(isNow && { word: t('now'), detail: forPeople(waiting?.detail) }),
      };
    }
    const { status, reason, by } = moment.entry;
    return {
      ...{ key, at: moment.at, tone: orderTones[status] },
      title: word('status', status),
      ...(moment.isLast && { word: t('current') }),
      detail: <StatusDetail reason={reason} by={by} />,
    };
  };
  return <Timeline label={t('life')} moments={happened.map(show)} />;
}

function callMoment(
  key: string,
  call: OrderCall,
  t: Translate<NameIn<typeof orders>>,
  word: (prefix: string, value: string) => string,
  format: Format,
): Moment {
  const { at, operation, attempt, httpStatus, result, tookMs, waitedMs } = call;
  const isOk = result === 'ok';
  const facts = [
    t('attempt', { attempt }),
    t('took', { ms: format.number(tookMs) }),
    ...(waitedMs > 0 ? [t('budget', { time: format.duration(waitedMs / 1000) })] : []),
  ];
  return {
    ...{ key, at, tone: isOk ? 'good' : 'bad' },
    title: word('call', operation),
    word: [httpStatus, isOk ? t('ok') : result].filter(Boolean).join(' '),
    detail: <CallDetail call={call} facts={facts.join(' · ')} />,
  };
}

function StatusDetail({
  reason,
  by,
}: Pick<NonNullable<Order['history']>[number], 'reason' | 'by'>): ReactNode {
  const t = useTexts(orders);
  const styles = useStyles();
  return (
    <div className={styles.detail}>
      {reason && <Text>{saidOf(reason)}</Text>}
      <Text size={200} className={styles.quiet}>
        {by === 'worker' ? t('by-worker') : t('by', { who: by })}
      </Text>
    </div>
  );
}

function CallDetail({ call, facts }: { call: OrderCall; facts: string }): ReactNode {
  const { method, path, cmpCorrelationId, response } = call;
  const t = useTexts(orders);
  const styles = useStyles();
  return (
    <div className={styles.detail}>
      <Text size={200} className={styles.quiet}>
        <code>{`${method} ${path}`}</code> {facts}
      </Text>
      {cmpCorrelationId && <Copyable label={t('cmpCorrelation')} value={cmpCorrelationId} />}
      {response && (
        <details>
          <summary>{t('raw')}</summary>
          <pre className={styles.raw} tabIndex={0}>
            {JSON.stringify(response, null, 2)}
          </pre>
        </details>
      )}
    </div>
  );
}
