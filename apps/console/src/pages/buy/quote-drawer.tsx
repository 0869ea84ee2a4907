import type { ReactNode } from 'react';
import { useNavigate } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import { LongTextField, TextField } from '../../parts/form/fields.tsx';
import { QuoteDrawer } from '../../parts/order/quote-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { badLines, purchaseOrder, type BuyValues, type Purchase } from './buy-values.ts';
import { buy } from './texts.ts';

interface BuyDrawerProps {
  purchase: Purchase;
  product: string;
  account: string;
  minimum: number;
  maximum: number | undefined;
  onClose: () => void;
}

/** How many seats, and what else the vendor wants to know; then the quote, then the order. */
export default function BuyDrawer(props: BuyDrawerProps): ReactNode {
  const { purchase, product, account, minimum, maximum, onClose } = props;
  const t = useTexts(buy);
  const navigate = useNavigate();
  const form = useForm<BuyValues>({ defaultValues: { seats: String(minimum), parameters: '' } });
  return (
    <QuoteDrawer
      title={t('drawerTitle', { product, account })}
      form={form}
      labels={{ seats: t('seats'), parameters: t('parameters') }}
      order={(values) => purchaseOrder(purchase, values)}
      onOrdered={(order) => void navigate({ to: '/orders/$id', params: { id: order.id } })}
      onClose={onClose}
    >
      <TextField
        form={form}
        name="seats"
        type="number"
        label={t('seats')}
        hint={maximum === undefined ? t('atLeast', { minimum }) : t('between', { minimum, maximum })}
        required
        rules={{
          validate: (value) => (/^[1-9]\d{0,6}$/.test(value.trim()) ? true : t('wholeSeats')),
        }}
      />
      <LongTextField
        form={form}
        name="parameters"
        label={t('parameters')}
        hint={t('parametersHint')}
        rules={{
          validate: (value) => {
            const [bad] = badLines(value);
            return bad === undefined ? true : t('badLine', { line: bad });
          },
        }}
      />
    </QuoteDrawer>
  );
}
