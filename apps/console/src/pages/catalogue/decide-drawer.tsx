import { useState, type ReactNode } from 'react';
import {
  Button,
  DrawerBody,
  DrawerFooter,
  Field,
  makeStyles,
  Radio,
  RadioGroup,
  SearchBox,
  Spinner,
  Text,
  Textarea,
  Title3,
  tokens,
} from '@fluentui/react-components';
import { useCommand, useList, useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { useOrderWords } from '../../parts/order/order-words.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { placeOf, type Mapping, type PartNumber, type Suggestion } from './catalogue-values.ts';
import { catalogue } from './texts.ts';

const useStyles = makeStyles({
  body: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    paddingBottom: tokens.spacingVerticalL,
  },
  option: {
    display: 'grid',
    gap: tokens.spacingVerticalXXS,
    justifyItems: 'start',
    overflowWrap: 'anywhere',
  },
  footer: { flexWrap: 'wrap' },
  history: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalM },
});

const changes = { changes: ['/v1/part-numbers'] };

/** What a part number stands for: by candidate with its evidence and effect, by search, or nothing. And what was decided before. */
export default function DecideDrawer({
  part: given,
  onClose,
}: {
  part: PartNumber;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(catalogue);
  const common = useCommon();
  const words = useOrderWords();
  const styles = useStyles();
  const tell = useToast();
  // What is decided may leave the list behind; the drawer stays what it was opened for.
  const [part] = useState(given);
  const { partNumber, connectorId, subscriptions, reason: why, seenName, term, billingPeriod } = part;
  const at = { path: { partNumber }, query: placeOf(part) };
  const suggestions = useOne('/v1/part-numbers/{partNumber}/suggestions', at);
  const [q, setQ] = useState('');
  const isSearching = q.trim().length > 1;
  const found = useList(
    '/v1/products',
    { query: { connectorId, q: q.trim(), limit: 20 } },
    { enabled: isSearching },
  );
  const [picked, setPicked] = useState<string>();
  const [reason, setReason] = useState('');
  const map = useCommand('put', '/v1/part-numbers/{partNumber}/mapping', changes);

  const suggested = suggestions.data?.data ?? [];
  const [best] = suggested;
  // A tie is for a person to decide.
  const choice = picked ?? (best && !best.tied ? best.product.productId : '');
  const isSuggested = suggested.some(({ product }) => product.productId === choice);
  const others = isSearching
    ? found.rows.filter(({ id }) => !suggested.some(({ product }) => product.productId === id))
    : [];
  const decide = async (productId: string | null): Promise<void> => {
    const source = productId && isSuggested ? ('suggestion' as const) : ('person' as const);
    await map.mutateAsync({ ...at, body: { productId, reason: reason.trim(), source } });
    tell({ title: t(productId ? 'mapped' : 'excluded', { partNumber }) });
    onClose();
  };

  return (
    <SideDrawer title={t('decideTitle', { partNumber })} size="large" onClose={onClose}>
      <DrawerBody>
        <div className={styles.body}>
          <Text>
            {[seenName, words.period(term), words.period(billingPeriod), t('waits', { count: subscriptions })]
              .filter(Boolean)
              .join(' · ')}
          </Text>
          {why && <Text>{why}</Text>}
          <ProblemMessage error={suggestions.error} onRetry={() => void suggestions.refetch()} />
          <ProblemMessage error={map.error} />
          <Title3 as="h3">{t('candidates')}</Title3>
          {suggestions.isPending && <Spinner label={common('loading')} />}
          {suggestions.data && suggested.length === 0 && <Text>{t('noSuggestion')}</Text>}
          <RadioGroup
            aria-label={t('candidates')}
            value={choice}
            onChange={(_, { value }) => setPicked(value)}
          >
            {suggested.map((one) => (
              <Radio
                key={one.product.productId}
                value={one.product.productId}
                label={<Candidate suggestion={one} />}
              />
            ))}
            <Field label={t('searchProduct')}>
              <SearchBox value={q} onChange={(_, { value }) => setQ(value)} />
            </Field>
            {others.map((product) => (
              <Radio
                key={product.id}
                value={product.id}
                label={[
                  product.name,
                  product.partNumber ?? product.mpn,
                  words.period(product.term),
                  words.period(product.billingPeriod),
                ].join(' · ')}
              />
            ))}
          </RadioGroup>
          <Field label={t('reason')} hint={t('reasonHint')}>
            <Textarea resize="vertical" value={reason} onChange={(_, { value }) => setReason(value)} />
          </Field>
          <Title3 as="h3">{t('history')}</Title3>
          <History part={part} reason={reason.trim()} />
        </div>
      </DrawerBody>
      <DrawerFooter className={styles.footer}>
        <ActionButton
          appearance="primary"
          needs="PUT /v1/part-numbers/{partNumber}/mapping"
          reason={choice ? undefined : t('chooseFirst')}
          isBusy={map.isPending}
          // What went wrong is shown by the command itself.
          onClick={() => void decide(choice).catch(() => undefined)}
        >
          {t('map')}
        </ActionButton>
        <ActionButton
          needs="PUT /v1/part-numbers/{partNumber}/mapping"
          reason={reason.trim() ? undefined : t('reasonFirst')}
          isBusy={map.isPending}
          onClick={() => void decide(null).catch(() => undefined)}
        >
          {t('exclude')}
        </ActionButton>
        <Button onClick={onClose}>{common('cancel')}</Button>
      </DrawerFooter>
    </SideDrawer>
  );
}

/** A product it may stand for: how well it fits, what speaks for it, and what choosing it would do. */
function Candidate({ suggestion }: { suggestion: Suggestion }): ReactNode {
  const { product, score, evidence, sure, tied, effect } = suggestion;
  const t = useTexts(catalogue);
  const word = useWord(catalogue);
  const words = useOrderWords();
  const styles = useStyles();
  const signed = (weight: number): string => (weight > 0 ? `+${weight}` : String(weight));
  return (
    <span className={styles.option}>
      <Text weight="semibold">{[product.cmpProductId, product.name].filter(Boolean).join(' ')}</Text>
      <Text size={200}>
        {[product.mpn, words.period(product.term), words.period(product.billingPeriod)].join(' · ')}
      </Text>
      <Text size={200}>
        {[
          t('score', { score }),
          ...evidence.map(({ code, weight }) => `${word('evidence', code)} ${signed(weight)}`),
        ].join(' · ')}
      </Text>
      <Text size={200}>
        {t('effect', { placed: effect.subscriptionsPlaced, moved: effect.subscriptionsMoved })}
      </Text>
      {sure && <StatusBadge tone="good">{t('sure')}</StatusBadge>}
      {tied && <StatusBadge tone="warning">{t('tied')}</StatusBadge>}
    </span>
  );
}

/** Who decided what, when and why; what is in force can be ended. */
function History({ part, reason }: { part: PartNumber; reason: string }): ReactNode {
  const t = useTexts(catalogue);
  const styles = useStyles();
  const tell = useToast();
  const { partNumber, connectorId } = part;
  const { data, error, refetch } = useOne('/v1/part-numbers/{partNumber}/mapping/history', {
    path: { partNumber },
    query: { connectorId },
  });
  const unmap = useCommand('delete', '/v1/part-numbers/{partNumber}/mapping', changes);
  return (
    <>
      <ProblemMessage error={error} onRetry={() => void refetch()} />
      <ProblemMessage error={unmap.error} />
      {data?.data.length === 0 && <Text>{t('noHistory')}</Text>}
      <ul className={styles.history} aria-label={t('history')}>
        {data?.data.map((mapping) => (
          <li key={mapping.id} className={styles.option}>
            <Decision mapping={mapping} />
            {mapping.endedAt === null && (
              <ActionButton
                needs="DELETE /v1/part-numbers/{partNumber}/mapping"
                reason={reason ? undefined : t('reasonFirst')}
                isBusy={unmap.isPending}
                onClick={() =>
                  unmap.mutate(
                    { path: { partNumber }, query: { ...placeOf(mapping), reason } },
                    { onSuccess: () => tell({ title: t('unmapped', { partNumber }) }) },
                  )
                }
              >
                {t('unmap')}
              </ActionButton>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function Decision({ mapping }: { mapping: Mapping }): ReactNode {
  const { productId, excluded, term, billingPeriod, reason, endedBy, endedAt, endReason } = mapping;
  const t = useTexts(catalogue);
  const words = useOrderWords();
  const format = formatOf(useLanguage());
  const { data: product } = useOne(
    '/v1/products/{id}',
    { path: { id: productId ?? '' } },
    { enabled: productId !== null },
  );
  const periods = [term, billingPeriod].filter((period) => period !== null);
  const by = t('decidedBy', { name: mapping.mappedBy, time: format.moment(mapping.mappedAt) });
  return (
    <>
      <Text weight="semibold">
        {excluded ? t('what-excluded') : t('what-mapped', { product: product?.name ?? productId ?? '' })}
      </Text>
      {endedAt === null && <StatusBadge tone="good">{t('inForce')}</StatusBadge>}
      <Text size={200}>
        {[periods.map((period) => words.period(period)).join(' / ') || t('periodsAny'), by, reason]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      {endedAt !== null && (
        <Text size={200}>
          {[t('endedBy', { name: endedBy ?? '', time: format.moment(endedAt) }), endReason]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      )}
    </>
  );
}
