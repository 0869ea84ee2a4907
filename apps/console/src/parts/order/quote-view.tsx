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
import { orderWords } from '../../texts/orders.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { Copyable } from '../feedback/problem.tsx';
import { StatusBadge } from '../show/badges.tsx';
import { Facts, type Fact } from '../show/page.tsx';
import { useOrderWords } from './order-words.tsx';

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
});

interface QuoteViewProps {
  quote: Quote;
  /** Takes what a refusal offers instead. */
  onOffer?: ((offer: { seatsNow: number } | { when: 'renewal' }) => void) | undefined;
}

/** What an order would cost and do, before anything is ordered: lines, price, windows, warnings, or why it is refused. */
export function QuoteView({ quote, onOffer }: QuoteViewProps): ReactNode {
  const t = useTexts(orderWords);
  const styles = useStyles();
  const { warnings, effects, refused, lines } = quote;
  return (
    <section className={styles.quote} aria-label={t('quoteTitle')} aria-live="polite">
      <Title3 as="h3">{t('quoteTitle')}</Title3>
      {refused && <Refusal refused={refused} onOffer={onOffer} />}
      {warnings.map(({ code, detail, nextStep }) => (
        <MessageBar key={code} intent="warning" layout="multiline">
          <MessageBarBody className={styles.body}>
            <MessageBarTitle>{detail}</MessageBarTitle> {nextStep}
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
  onOffer,
}: {
  refused: NonNullable<Quote['refused']>;
  onOffer: QuoteViewProps['onOffer'];
}): ReactNode {
  const t = useTexts(orderWords);
  const common = useCommon();
  const styles = useStyles();
  const { detail, nextStep, errors = [], correlationId } = refused;
  const offer = offerIn(refused);
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody className={styles.body}>
        <MessageBarTitle>{t('refused')}</MessageBarTitle> {detail} <strong>{nextStep}</strong>
        {errors.length > 0 && (
          <ul className={styles.list}>
            {errors.map(({ field, message }) => (
              <li key={field}>{`${field}: ${message}`}</li>
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
            <Button onClick={() => onOffer({ when: 'renewal' })}>{t('waitForRenewal')}</Button>
          )}
        </MessageBarActions>
      )}
    </MessageBar>
  );
}

function Lines({ quote: { lines } }: { quote: Quote }): ReactNode {
  const t = useTexts(orderWords);
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
              {t('extended')}
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

function Price({ quote }: { quote: Quote }): ReactNode {
  const { total, estimate, cmp, term, billingPeriod, unitPrice, chargedAt, expiresAt } = quote;
  const t = useTexts(orderWords);
  const word = useWord(orderWords);
  const words = useOrderWords();
  const format = formatOf(useLanguage());
  const opinion =
    cmp.answer === 'estimated'
      ? t('cmp-estimated', { total: cmp.total ? format.money(cmp.total) : t('noPrice') })
      : word('cmp', cmp.answer);
  const facts: Fact[] = [
    {
      term: t(chargedAt === 'renewal' ? 'totalRenewal' : 'total'),
      value: (
        <Text weight="semibold" size={400}>
          {total ? format.money(total) : t('noPrice')}
        </Text>
      ),
    },
    { term: t('unitPrice'), value: words.per(unitPrice, billingPeriod) },
    { term: t('term'), value: words.period(term) },
    { term: t('billingPeriod'), value: words.period(billingPeriod) },
    ...(estimate ? [{ term: t('estimate'), value: format.money(estimate) }] : []),
    {
      term: opinion,
      value: cmp.reason
        ? `${cmp.reason.detail} ${cmp.reason.nextStep}`
        : t('validUntil', { time: format.time(expiresAt) }),
      isWide: cmp.reason !== null,
    },
  ];
  return <Facts facts={facts} />;
}

function Effects({ effects }: { effects: Quote['effects'] }): ReactNode {
  const t = useTexts(orderWords);
  const word = useWord(orderWords);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  return (
    <div>
      <Text weight="semibold">{t('effects')}</Text>
      <ul className={styles.list}>
        {effects.map(({ code, detail, at }, index) => (
          <li key={`${code} ${index}`}>
            <strong>{word('effect', code)}</strong>
            {`: ${detail}`}
            {at && ` (${format.moment(at)}, ${format.ago(at)})`}
          </li>
        ))}
      </ul>
    </div>
  );
}
