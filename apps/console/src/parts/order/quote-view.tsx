import type { ReactNode } from 'react';
import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import type { Answer, Operation } from '@isthmus/sdk';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { forPeople, saidOf } from '../feedback/for-people.ts';
import { Copyable } from '../feedback/problem.tsx';
import { StatusBadge } from '../show/badges.tsx';
import { Facts, type Fact } from '../show/page.tsx';
import { useOrderWords } from './order-words.tsx';
import { quoteWords } from './quote-texts.ts';
import { commitmentOf, isNegative, sumOfLines, unsigned } from './quote-values.ts';

export type Quote = Answer<Operation<'post', '/v1/quotes'>>;

/** What can be done instead of a decrease that is too large. */
export interface DecreaseOffer {
  seatsNow: number;
  atRenewal: boolean;
}

/** The offer of a refusal; undefined when it makes none that is known here. */
export function offerIn(refused: Quote['refused']): DecreaseOffer | undefined {
  const { seatsNow, atRenewal } = refused?.offer ?? {};
  return typeof seatsNow === 'number' ? { seatsNow, atRenewal: Boolean(atRenewal) } : undefined;
}

const useStyles = makeStyles({
  quote: { display: 'grid', gap: tokens.spacingVerticalM },
  scroll: { overflowX: 'auto' },
  table: {
    borderCollapse: 'collapse',
    width: '100%',
    '& th, & td': {
      textAlign: 'start',
      padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalS}`,
      borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    },
    '& .number': { textAlign: 'end', fontVariantNumeric: 'tabular-nums' },
  },
  list: {
    margin: 0,
    paddingInlineStart: tokens.spacingHorizontalL,
    display: 'grid',
    gap: tokens.spacingVerticalXS,
  },
  body: { whiteSpace: 'normal' },
  amount: { display: 'grid' },
});

interface QuoteViewProps {
  quote: Quote;
  /** Labels of the fields of the form around it: what is wrong with them is said beside them. */
  labels: Readonly<Record<string, unknown>>;
  /** Takes what a refusal offers instead. */
  onOffer?: ((offer: { seatsNow: number } | { when: 'renewal' }) => void) | undefined;
}

/** What an order would cost and do, before anything is ordered: lines, price, windows, warnings, or why it is refused. */
export function QuoteView({ quote, labels, onOffer }: QuoteViewProps): ReactNode {
  const t = useTexts(quoteWords);
  const styles = useStyles();
  const { warnings, effects, refused, lines } = quote;
  return (
    <section className={styles.quote} aria-label={t('title')} aria-live="polite">
      <Title3 as="h3">{t('title')}</Title3>
      {refused && <Refusal refused={refused} labels={labels} onOffer={onOffer} />}
      {warnings.map(({ code, detail, nextStep }) => (
        <MessageBar key={code} intent="warning" layout="multiline">
          <MessageBarBody className={styles.body}>
            <MessageBarTitle>{forPeople(detail)}</MessageBarTitle> {forPeople(nextStep)}
          </MessageBarBody>
        </MessageBar>
      ))}
      {lines.length > 0 && <Lines quote={quote} />}
      {!(refused && lines.length === 0) && <Price quote={quote} />}
      {effects.length > 0 && <Effects effects={effects} />}
    </section>
  );
}

function Refusal({
  refused,
  labels,
  onOffer,
}: Omit<QuoteViewProps, 'quote'> & { refused: NonNullable<Quote['refused']> }): ReactNode {
  const t = useTexts(quoteWords);
  const common = useCommon();
  const styles = useStyles();
  const { detail, nextStep, errors = [], correlationId } = refused;
  const offer = offerIn(refused);
  const others = errors.filter(({ field }) => !(field in labels));
  const isBeside = errors.length > 0 && others.length === 0;
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody className={styles.body}>
        <MessageBarTitle>{t('refused')}</MessageBarTitle>{' '}
        {isBeside ? (
          t('checkFields')
        ) : (
          <>
            {forPeople(detail)} <strong>{forPeople(nextStep)}</strong>
          </>
        )}
        {others.length > 0 && (
          <ul className={styles.list}>
            {others.map(({ field, message }) => (
              <li key={field}>{forPeople(`${field}: ${message}`)}</li>
            ))}
          </ul>
        )}
        {correlationId && <Copyable label={common('correlationId')} value={correlationId} />}
      </MessageBarBody>
      {offer && onOffer && (
        <MessageBarActions>
          {offer.seatsNow > 0 && (
            <Button onClick={() => onOffer({ seatsNow: offer.seatsNow })}>
              {t('seatsNow', { seats: offer.seatsNow })}
            </Button>
          )}
          {offer.atRenewal && (
            <Button onClick={() => onOffer({ when: 'renewal' })}>{t('effect-at-renewal')}</Button>
          )}
        </MessageBarActions>
      )}
    </MessageBar>
  );
}

function Lines({ quote: { lines } }: { quote: Quote }): ReactNode {
  const t = useTexts(quoteWords);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('line')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('line')}</th>
            <th scope="col" className="number">
              {t('before')}
            </th>
            <th scope="col" className="number">
              {t('after')}
            </th>
            <th scope="col" className="number">
              {t('unitPrice')}
            </th>
            <th scope="col" className="number">
              {t('newTotal')}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(
            ({ mpn, name, seatsBefore, seatsAfter, unitPrice, extendedPrice, addedByCmp }, index) => (
              <tr key={`${mpn} ${index}`}>
                <td>
                  {name ?? mpn} {addedByCmp && <StatusBadge tone="warning">{t('addedByCmp')}</StatusBadge>}
                </td>
                <td className="number">{format.number(seatsBefore)}</td>
                <td className="number">{format.number(seatsAfter)}</td>
                <td className="number">{format.money(unitPrice)}</td>
                <td className="number">{format.money(extendedPrice)}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

/** What is charged or refunded and when, and what it costs from then on; with whose figure it is. */
function Price({ quote }: { quote: Quote }): ReactNode {
  const { total, estimate, cmp, term, billingPeriod, unitPrice, chargedAt, expiresAt, order, lines } = quote;
  const t = useTexts(quoteWords);
  const word = useWord(quoteWords);
  const words = useOrderWords();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const isAtRenewal = chargedAt === 'renewal';
  const isRefund = isNegative(total);
  const isPart = !isAtRenewal && (order.kind === 'cancel' || order.kind === 'change-quantity');
  const newTotal = order.kind === 'cancel' ? null : sumOfLines(lines);
  const commitment = order.kind === 'create' ? commitmentOf(term, billingPeriod, new Date()) : undefined;
  const isTheirs = cmp.answer === 'estimated' && cmp.total !== null;
  const from = word('from', cmp.answer === 'estimated' && !isTheirs ? 'nothing' : cmp.answer);
  const facts: Fact[] = [
    {
      term: t(isAtRenewal ? 'chargedRenewal' : isRefund ? 'refunded' : 'charged'),
      value: (
        <span className={styles.amount}>
          <Text weight="semibold" size={400}>
            {total ? format.money(unsigned(total)) : t('noPrice')}
          </Text>
          {isPart && <Text size={200}>{t('rest')}</Text>}
        </span>
      ),
    },
    ...(newTotal ? [{ term: t('newTotal'), value: words.per(newTotal, billingPeriod) }] : []),
    ...(newTotal && commitment
      ? [
          {
            term: t('commitment'),
            value: t('commitmentOf', {
              count: commitment.count,
              total: format.money(newTotal),
              day: format.day(commitment.until),
            }),
          },
        ]
      : []),
    { term: t('unitPrice'), value: words.per(unitPrice, billingPeriod) },
    { term: t('term'), value: words.period(term) },
    { term: t('billingPeriod'), value: words.period(billingPeriod) },
  ];
  const hints = [
    `${from}.`,
    saidOf(cmp.reason),
    isTheirs &&
      estimate &&
      estimate.amount !== total?.amount &&
      t('otherEstimate', { estimate: format.money(unsigned(estimate)) }),
    t('customerPrices'),
    t('validUntil', { time: format.clock(expiresAt) }),
  ];
  return (
    <>
      <Facts facts={facts} />
      <Text size={200}>{hints.filter(Boolean).join(' ')}</Text>
    </>
  );
}

function Effects({ effects }: { effects: Quote['effects'] }): ReactNode {
  const t = useTexts(quoteWords);
  const word = useWord(quoteWords);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const isNewCommerce = effects.some(({ code }) => code === 'extended-term');
  const said = ({ code, detail, seats = 0, at }: Quote['effects'][number]): string => {
    const name = `does-${code === 'ends-with-term' && isNewCommerce ? 'ends-new-commerce' : code}`;
    // Without its time, or by a newer service, in the words of the platform.
    const isTimed = at || code === 'ends-at-once' || (code === 'takes-from-lots' && seats === 0);
    if (!isTimed || !quoteWords.names.has(name as never)) return forPeople(detail);
    return t(name as 'does-renews', { seats, time: format.moment(at), day: format.day(at) });
  };
  return (
    <div>
      <Text weight="semibold">{t('effects')}</Text>
      <ul className={styles.list}>
        {effects.map((effect, index) => (
          <li key={`${effect.code} ${index}`}>
            <strong>{word('effect', effect.code)}</strong>
            {`: ${said(effect)}`}
            {effect.at && ` (${format.ago(effect.at)})`}
          </li>
        ))}
      </ul>
    </div>
  );
}
