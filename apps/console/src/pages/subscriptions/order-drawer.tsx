import type { ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import { useOne } from '../../data/queries.ts';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { QuoteDrawer, type PlaceOrder } from '../../parts/order/quote-drawer.tsx';
import { formatOf } from '../../texts/format.ts';
import { orderWords } from '../../texts/orders.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import { titleOf, type Subscription } from '../../parts/subscription/subscription.ts';
import { seatsOrder, type Options, type SeatsValues } from './subscription-values.ts';
import { subscriptions } from '../../texts/subscriptions.ts';

interface OrderDrawerProps {
  kind: 'seats' | 'cancel' | 'renew';
  subscription: Subscription;
  onClose: () => void;
}

/** New seats, a cancellation, or another renewal setting: quoted first, ordered then. */
export default function OrderDrawer({ kind, subscription, onClose }: OrderDrawerProps): ReactNode {
  const { id, autoRenew, lines, seats } = subscription;
  const t = useTexts(subscriptions);
  const words = useTexts(orderWords);
  const navigate = useNavigate();
  const [first] = lines;
  const form = useForm<SeatsValues>({
    defaultValues: {
      seats: String((lines.length > 1 ? first?.quantity : seats) ?? ''),
      when: 'now',
      line: lines.length > 1 ? (first?.mpn ?? '') : '',
    },
  });
  const line = form.watch('line');
  const options = useOne('/v1/subscriptions/{id}/options', {
    path: { id },
    query: line ? { mpn: line } : {},
  });

  const orders: Record<OrderDrawerProps['kind'], (values: SeatsValues) => PlaceOrder> = {
    seats: (values) => seatsOrder(id, values),
    cancel: () => ({ kind: 'cancel', subscriptionId: id }),
    renew: () => ({ kind: 'renewal-setting', subscriptionId: id, autoRenew: !autoRenew }),
  };
  const name = titleOf(subscription);
  const titles = {
    seats: t('seatsTitle', { name }),
    cancel: t('cancelTitle', { name }),
    renew: t(autoRenew ? 'renewOffTitle' : 'renewOnTitle', { name }),
  };
  const atRenewal = options.data?.decreaseAtRenewal;
  const current = lines.find(({ mpn }) => mpn === line)?.quantity ?? seats ?? 0;

  return (
    <QuoteDrawer
      title={titles[kind]}
      form={form}
      labels={{ seats: t('newSeats'), when: t('when'), line: t('line') }}
      order={orders[kind]}
      onOffer={(offer) => {
        if ('when' in offer) form.setValue('when', 'renewal', { shouldDirty: true });
        else {
          form.setValue('seats', String(current - offer.seatsNow), { shouldDirty: true });
          form.setValue('when', 'now');
        }
      }}
      onOrdered={(order) => void navigate({ to: '/orders/$id', params: { id: order.id } })}
      onClose={onClose}
    >
      {kind === 'cancel' && <Text>{t('cancelLead')}</Text>}
      {kind === 'renew' && <Text>{t(autoRenew ? 'renewOffLead' : 'renewOnLead')}</Text>}
      {kind === 'seats' && (
        <>
          {lines.length > 1 && (
            <SelectField
              form={form}
              name="line"
              label={t('line')}
              options={lines.map(({ mpn, name: of, quantity }) => ({
                value: mpn,
                label: t('lineOf', { name: of, seats: quantity }),
              }))}
              onPick={(mpn) =>
                form.setValue('seats', String(lines.find((one) => one.mpn === mpn)?.quantity ?? ''))
              }
            />
          )}
          <TextField
            form={form}
            name="seats"
            type="number"
            label={t('newSeats')}
            hint={<SeatsHint current={current} options={options.data} />}
            required
            rules={{
              validate: (value) => (/^[1-9]\d{0,6}$/.test(String(value).trim()) ? true : t('wholeSeats')),
            }}
          />
          <SelectField
            form={form}
            name="when"
            label={t('when')}
            options={[
              { value: 'now', label: t('whenNow') },
              ...(atRenewal?.allowed === false ? [] : [{ value: 'renewal', label: words('waitForRenewal') }]),
            ]}
            hint={atRenewal?.code === 'no-renewal' ? t('noRenewal') : undefined}
          />
        </>
      )}
    </QuoteDrawer>
  );
}

/** How many there are and how many may go, and until when. */
function SeatsHint({ current, options }: { current: number; options: Options | undefined }): ReactNode {
  const t = useTexts(subscriptions);
  const format = formatOf(useLanguage());
  const { decrease } = options ?? {};
  const parts = [
    t('seatsHint', { current }),
    decrease?.allowed && decrease.seats !== undefined
      ? t('mayDrop', {
          seats: decrease.seats,
          until: decrease.until ? t('mayDropUntil', { time: format.moment(decrease.until) }) : '',
        })
      : (decrease?.detail ?? ''),
  ];
  return parts.filter(Boolean).join(' ');
}
