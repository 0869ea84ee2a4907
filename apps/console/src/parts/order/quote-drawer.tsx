import { useState, type ReactNode } from 'react';
import {
  Button,
  Checkbox,
  DrawerBody,
  DrawerFooter,
  makeStyles,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { Input, Operation, Order } from '@isthmus/sdk';
import type { FieldValues, Path, UseFormReturn } from 'react-hook-form';
import { useCommand } from '../../data/queries.ts';
import { formatOf } from '../../texts/format.ts';
import { orderWords } from '../../texts/orders.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { useToast } from '../feedback/toasts.tsx';
import { ActionButton } from '../form/action-button.tsx';
import { FormProblem, markFields, SideDrawer } from '../form/form-drawer.tsx';
import { PageLink } from '../show/links.tsx';
import { useOrderWords } from './order-words.tsx';
import { QuoteView, type Quote } from './quote-view.tsx';

export type PlaceOrder = Input<Operation<'post', '/v1/quotes'>>['body'];

interface QuoteDrawerProps<V extends FieldValues> {
  title: string;
  form: UseFormReturn<V>;
  labels: Partial<Record<Path<V>, string>>;
  /** The order that the form describes. */
  order: (values: V) => PlaceOrder;
  /** Fields. */
  children?: ReactNode;
  onOffer?: (offer: { seatsNow: number } | { when: 'renewal' }) => void;
  onOrdered: (order: Order) => void;
  onClose: () => void;
}

const useStyles = makeStyles({
  form: { display: 'contents' },
  body: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    paddingBottom: tokens.spacingVerticalL,
  },
  footer: { flexWrap: 'wrap' },
});

/** What of an order a quote is of: the same text is the same order. */
const contentOf = (order: PlaceOrder): string => JSON.stringify(order);

/**
 * Orders in two steps: what it would cost and do, then the order of exactly that. When the form changes in between, the quote
 * is of something else and cannot be ordered any more.
 */
export function QuoteDrawer<V extends FieldValues>(props: QuoteDrawerProps<V>): ReactNode {
  const { title, form, labels, order, children, onOffer, onOrdered, onClose } = props;
  const t = useTexts(orderWords);
  const common = useCommon();
  const styles = useStyles();
  const words = useOrderWords();
  const tell = useToast();
  const format = formatOf(useLanguage());
  const [quoted, setQuoted] = useState<{ content: string; quote: Quote }>();
  const [mayDrop, setMayDrop] = useState(false);
  const ask = useCommand('post', '/v1/quotes');
  const place = useCommand('post', '/v1/orders', {
    changes: ['/v1/orders', '/v1/subscriptions', '/v1/renewals', '/v1/scheduled-changes'],
  });

  const orderOf = (values: V): PlaceOrder => ({
    ...order(values),
    ...(mayDrop && { dropScheduledChanges: true }),
  });
  const isCurrent = quoted?.content === contentOf(orderOf(form.watch()));
  const quote = isCurrent ? quoted.quote : undefined;
  const isExpired = quote !== undefined && Date.parse(quote.expiresAt) <= Date.now();
  const losesChanges = quoted?.quote.refused?.code.endsWith('scheduled-changes-would-be-lost') ?? false;

  const getQuote = async (values: V): Promise<void> => {
    place.reset();
    const wanted = orderOf(values);
    try {
      setQuoted({ content: contentOf(wanted), quote: await ask.mutateAsync({ body: wanted }) });
    } catch (failure) {
      setQuoted(undefined);
      markFields(form, labels, failure);
    }
  };
  const placeQuoted = async (): Promise<void> => {
    if (!quote) return;
    const placed = await place.mutateAsync({
      body: { ...orderOf(form.getValues()), quoteId: quote.id },
    });
    tell({
      title: t('ordered', { what: words.deed(placed) }),
      intent: 'info',
      next: (
        <PageLink to="/orders/$id" params={{ id: placed.id }}>
          {t('toOrder')}
        </PageLink>
      ),
    });
    onOrdered(placed);
  };

  return (
    <SideDrawer title={title} size="large" onClose={onClose}>
      <form className={styles.form} noValidate onSubmit={(event) => void form.handleSubmit(getQuote)(event)}>
        <DrawerBody>
          <div className={styles.body}>
            {children}
            {(losesChanges || mayDrop) && (
              <Checkbox
                label={t('dropScheduled')}
                checked={mayDrop}
                onChange={(_, { checked }) => setMayDrop(checked === true)}
              />
            )}
            <FormProblem error={ask.error ?? place.error} labels={labels} />
            {ask.isPending && <Spinner label={t('quoting')} />}
            {quoted && !isCurrent && !ask.isPending && <Text role="status">{t('changedSince')}</Text>}
            {quote && !ask.isPending && <QuoteView quote={quote} onOffer={onOffer} />}
            {quote && !quote.refused && <Text>{isExpired ? t('expired') : t('nothingYet')}</Text>}
          </div>
        </DrawerBody>
        <DrawerFooter className={styles.footer}>
          {quote && !isExpired && !ask.isPending && (
            <ActionButton
              appearance="primary"
              needs="POST /v1/orders"
              reason={quote.refused ? t('refusedReason') : undefined}
              isBusy={place.isPending}
              // What went wrong is shown by the command itself.
              onClick={() => void placeQuoted().catch(() => undefined)}
            >
              {quote.total ? t('orderFor', { total: format.money(quote.total) }) : t('order')}
            </ActionButton>
          )}
          <ActionButton
            type="submit"
            appearance={quote && !isExpired ? 'secondary' : 'primary'}
            needs="POST /v1/quotes"
            isBusy={ask.isPending}
          >
            {t(quoted ? 'quoteAgain' : 'getQuote')}
          </ActionButton>
          <Button onClick={onClose}>{common('cancel')}</Button>
        </DrawerFooter>
      </form>
    </SideDrawer>
  );
}
