import { lazy, Suspense, useCallback, type ReactNode } from 'react';
import {
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import type { Answer, Operation } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { useOne } from '../../data/queries.ts';
import { useReason } from '../../data/reason.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { useOrderWords } from '../../parts/order/order-words.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts, Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { AccountChoice, ProductChoice } from './choices.tsx';
import { buy } from './texts.ts';

const BuyDrawer = lazy(() => import('./quote-drawer.tsx'));

const route = getRouteApi('/buy');
type Resolution = Answer<Operation<'get', '/v1/part-numbers/{partNumber}/resolution'>>;

const useStyles = makeStyles({
  step: { display: 'grid', gap: tokens.spacingVerticalM, gridTemplateColumns: 'minmax(0, 1fr)' },
  part: { maxWidth: '36rem' },
  start: { justifySelf: 'start' },
});

/** A purchase in three steps: for whom, what, and then seats with price and effects. Nothing is ordered before the quote. */
export function BuyPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const t = useTexts(buy);
  const styles = useStyles();
  const why = useReason('POST /v1/orders');
  // The same function while the page is there: tables keep their columns by it.
  const go = useCallback(
    (some: Partial<typeof search>): void => void navigate({ search: (before) => ({ ...before, ...some }) }),
    [navigate],
  );
  const pickAccount = useCallback(
    (id: string | undefined) =>
      go({ account: id, q: undefined, part: undefined, period: undefined, term: undefined }),
    [go],
  );

  const account = useOne(
    '/v1/provider-accounts/{id}',
    { path: { id: search.account ?? '' } },
    { enabled: search.account !== undefined },
  );
  const connectorId = account.data?.connectorId;
  const resolution = useOne(
    '/v1/part-numbers/{partNumber}/resolution',
    {
      path: { partNumber: search.part ?? '' },
      query: {
        connectorId: connectorId ?? '',
        ...(search.period && { billingPeriod: search.period }),
        ...(search.term && { term: search.term }),
      },
    },
    { enabled: search.part !== undefined && connectorId !== undefined },
  );
  const product = search.part && connectorId ? resolution.data?.product : undefined;
  const missing = !account.data ? t('chooseAccount') : !product ? t('chooseProduct') : undefined;

  return (
    <Page title={t('title')} lead={t('lead')}>
      <PageLink to="/orders">{t('back')}</PageLink>
      {why && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t('mayNot', { why })}</MessageBarBody>
        </MessageBar>
      )}
      <section className={styles.step} aria-label={t('customer')}>
        <Title3 as="h2">{t('customer')}</Title3>
        <ProblemMessage error={account.error} onRetry={() => void account.refetch()} />
        <AccountChoice chosen={account.data} q={search.q} onSearch={(q) => go({ q })} onPick={pickAccount} />
      </section>
      <section className={styles.step} aria-label={t('product')}>
        <Title3 as="h2">{t('product')}</Title3>
        {connectorId ? (
          <>
            <ProductChoice
              connectorId={connectorId}
              q={search.p}
              chosen={search}
              onSearch={(p) => go({ p })}
              onPick={go}
            />
            <Field className={styles.part} label={t('partNumber')} hint={t('partNumberHint')}>
              <Input
                value={search.part ?? ''}
                onChange={(_, { value }) =>
                  go({ part: value.trim() || undefined, period: undefined, term: undefined })
                }
              />
            </Field>
            <ProblemMessage error={resolution.error} onRetry={() => void resolution.refetch()} />
            {search.part && resolution.data && (
              <Resolved resolution={resolution.data} onPick={(period, term) => go({ period, term })} />
            )}
          </>
        ) : (
          <Text>{t('chooseAccount')}</Text>
        )}
      </section>
      <div className={styles.start}>
        <ActionButton
          appearance="primary"
          needs="POST /v1/quotes"
          reason={missing}
          onClick={() => go({ drawer: 'quote' })}
        >
          {t('next')}
        </ActionButton>
      </div>
      <Suspense fallback={null}>
        {search.drawer === 'quote' && account.data && product && search.part && (
          <BuyDrawer
            purchase={{
              account: account.data.id,
              part: search.part,
              period: search.period ?? product.billingPeriod,
              term: search.term ?? product.term,
            }}
            product={product.name}
            account={account.data.name}
            minimum={product.minimum ?? 1}
            maximum={product.maximum}
            onClose={() => go({ drawer: undefined })}
          />
        )}
      </Suspense>
    </Page>
  );
}

/** Which product a part number is; or why it is none yet, with those that it may be. */
function Resolved({
  resolution,
  onPick,
}: {
  resolution: Resolution;
  onPick: (period: string | undefined, term: string | undefined) => void;
}): ReactNode {
  const { outcome, product, candidates, reason, partNumber } = resolution;
  const t = useTexts(buy);
  const word = useWord(buy);
  const common = useCommon();
  const words = useOrderWords();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  if (!product)
    return (
      <>
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{[word('outcome', outcome), reason].filter(Boolean).join(' ')}</MessageBarBody>
        </MessageBar>
        {candidates.map(({ productId, name, billingPeriod, term, unitPrice }) => (
          <div key={productId} className={styles.start}>
            <ActionButton onClick={() => onPick(billingPeriod, term)}>
              {[name, words.period(term), words.per(unitPrice, billingPeriod)].join(' · ')}
            </ActionButton>
          </div>
        ))}
      </>
    );
  const { minimum = 1, maximum, dependsOn } = product;
  return (
    <Facts
      facts={[
        { term: t('isProduct'), value: product.name },
        { term: t('vendor'), value: product.vendor },
        { term: t('partNumber'), value: <code>{partNumber}</code> },
        { term: t('termOf'), value: words.period(product.term) },
        { term: t('periodOf'), value: words.period(product.billingPeriod) },
        { term: t('price'), value: words.per(product.unitPrice, product.billingPeriod) },
        { term: t('cost'), value: format.money(product.unitCost) },
        {
          term: t('seats'),
          value: maximum === undefined ? t('atLeast', { minimum }) : t('between', { minimum, maximum }),
        },
        {
          term: t('needs'),
          value: dependsOn.map(({ mpn, id }) => mpn ?? id).join(', ') || common('none'),
        },
      ]}
    />
  );
}
