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
import { useOrderWords } from './order-words.tsx';
import { quoteWords } from './quote-texts.ts';
import { isNegative, unsigned } from './quote-values.ts';
import { QuoteView, type Quote } from './quote-view.tsx';

export type PlaceOrder = Input<Operation<'post', '/v1/quotes'>>['body'];

interface FieldError {
  field: string;
  message: string;
}

interface QuoteDrawerProps<V extends FieldValues> {
  title: string;
  form: UseFormReturn<V>;
  labels: Partial<Record<Path<V>, string>>;
  /** The order that the form describes. */
  order: (values: V) => PlaceOrder;
  /** In other words, and beside another field, what the platform finds wrong with a field. */
  sayError?: (error: FieldError) => FieldError;
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
  const { title, form, labels, order, sayError, children, onOffer, onOrdered, onClose } = props;
  const t = useTexts(quoteWords);
  const say = useTexts(orderWords);
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

  const isCancel = order(form.getValues()).kind === 'cancel';

  /** What is ordered, and for how much: a refund says what it is. */
  const deedOfQuote = ({ total, lines, chargedAt }: Quote): string => {
    const seats = lines.reduce((sum, { seatsBefore, seatsAfter }) => sum + seatsBefore - seatsAfter, 0);
    const isLess = isCancel || (chargedAt === 'now' && isNegative(total) && seats > 0);
    if (isLess) {
      const deed = isCancel ? t('cancel') : t('return', { seats });
      return isNegative(total) ? t('withRefund', { deed, total: format.money(unsigned(total!)) }) : deed;
    }
    return total && /[1-9]/.test(total.amount) ? t('orderFor', { total: format.money(total) }) : t('order');
  };

  const getQuote = async (values: V): Promise<void> => {
    place.reset();
    const wanted = orderOf(values);
    try {
      const quote = await ask.mutateAsync({ body: wanted });
      const errors = (quote.refused?.errors ?? []).map((error) => sayError?.(error) ?? error);
      setQuoted({
        content: contentOf(wanted),
        quote: quote.refused ? { ...quote, refused: { ...quote.refused, errors } } : quote,
      });
      for (const { field, message } of errors)
        if (field in labels) form.setError(field as Path<V>, { type: 'server', message });
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
    // What follows is the page of the order.
    tell({ title: t('ordered', { what: words.deed(placed) }), intent: 'info' });
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
            {ask.isPending && <Spinner label={t('asking')} />}
            {quoted && !isCurrent && !ask.isPending && <Text role="status">{t('changedSince')}</Text>}
            {quote && !ask.isPending && <QuoteView quote={quote} labels={labels} onOffer={onOffer} />}
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
              {deedOfQuote(quote)}
            </ActionButton>
          )}
          <ActionButton
            type="submit"
            appearance={quote && !isExpired ? 'secondary' : 'primary'}
            needs="POST /v1/quotes"
            isBusy={ask.isPending}
          >
            {t(quoted ? 'again' : 'get')}
          </ActionButton>
          <Button onClick={onClose}>{isCancel ? say('keepIt') : common('cancel')}</Button>
        </DrawerFooter>
      </form>
    </SideDrawer>
  );
}
