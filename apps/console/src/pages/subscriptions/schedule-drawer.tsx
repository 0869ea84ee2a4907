import { useState, type ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import { useForm } from 'react-hook-form';
import { read, useCommand } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { FormDrawer, type Saved } from '../../parts/form/form-drawer.tsx';
import { orderWords } from '../../texts/orders.ts';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { titleOf, type Subscription } from '../../parts/subscription/subscription.ts';
import {
  fieldTimeOf,
  momentOf,
  scheduleBody,
  type ScheduledChange,
  type ScheduleValues,
} from './subscription-values.ts';
import { subscriptions } from '../../texts/subscriptions.ts';

interface ScheduleDrawerProps {
  subscription: Subscription;
  /** The one to edit; a new one without. */
  change?: ScheduledChange | undefined;
  onClose: () => void;
}

const kinds = ['change-quantity', 'cancel', 'renewal-setting'] as const;

const savedOf = ({ version, ...change }: ScheduledChange): Saved<ScheduleValues> => ({
  version,
  values: {
    kind: change.kind,
    seats: String(change.seats ?? ''),
    autoRenew: change.autoRenew ? 'on' : 'off',
    line: change.mpn ?? '',
    ...fieldTimeOf(change.at),
  },
});

/** A change of a subscription at a moment or at its renewal; or another moment and number for one that is planned. */
export default function ScheduleDrawer({ subscription, change, onClose }: ScheduleDrawerProps): ReactNode {
  const { id, lines, seats, autoRenew } = subscription;
  const t = useTexts(subscriptions);
  const common = useCommon();
  const words = useTexts(orderWords);
  const tell = useToast();
  const [saved] = useState(() => change && savedOf(change));
  const form = useForm<ScheduleValues>({
    defaultValues: saved?.values ?? {
      ...{ kind: 'change-quantity', seats: String(seats ?? ''), autoRenew: autoRenew ? 'off' : 'on' },
      ...{ line: lines.length > 1 ? (lines[0]?.mpn ?? '') : '', time: '' },
      at: autoRenew ? 'renewal' : 'time',
    },
  });
  const changes = { changes: ['/v1/scheduled-changes', '/v1/subscriptions', '/v1/renewals', '/v1/orders'] };
  const plan = useCommand('post', '/v1/scheduled-changes', changes);
  const edit = useCommand('patch', '/v1/scheduled-changes/{id}', changes);
  const kind = form.watch('kind');
  const isAtTime = form.watch('at') === 'time' || kind === 'renewal-setting';

  const save = async (typed: ScheduleValues, version: number | undefined): Promise<void> => {
    // A renewal setting is made before the renewal, never at it.
    const values: ScheduleValues = typed.kind === 'renewal-setting' ? { ...typed, at: 'time' } : typed;
    const { meaning, foreseen } = change
      ? await edit.mutateAsync({
          path: { id: change.id },
          version: version ?? change.version,
          body: { at: momentOf(values), ...(kind === 'change-quantity' && { seats: Number(values.seats) }) },
        })
      : await plan.mutateAsync({ body: scheduleBody(id, values) });
    tell({
      title: t('scheduled'),
      detail: foreseen ? `${t('foreseen')} ${foreseen.detail} ${foreseen.nextStep}` : (meaning ?? undefined),
      intent: foreseen ? 'warning' : 'success',
    });
  };

  return (
    <FormDrawer
      title={t(change ? 'editChangeTitle' : 'scheduleTitle', { name: titleOf(subscription) })}
      form={form}
      labels={{
        ...{ kind: t('changeKind'), seats: t('newSeats'), autoRenew: t('autoRenew') },
        ...{ line: t('line'), at: t('when'), time: t('time') },
      }}
      {...(!change && { submit: t('scheduleDeed') })}
      needs={change ? 'PATCH /v1/scheduled-changes/{id}' : 'POST /v1/scheduled-changes'}
      {...(change &&
        saved && {
          saved: {
            now: saved,
            read: async () => savedOf(await read('/v1/scheduled-changes/{id}', { path: { id: change.id } })),
          },
        })}
      save={save}
      onClose={onClose}
    >
      <Text>{t('scheduleLead')}</Text>
      {!change && (
        <SelectField
          form={form}
          name="kind"
          label={t('changeKind')}
          options={kinds.map((value) => ({ value, label: words(`kind-${value}`) }))}
        />
      )}
      {kind === 'change-quantity' && lines.length > 1 && !change && (
        <SelectField
          form={form}
          name="line"
          label={t('line')}
          options={lines.map(({ mpn, name, quantity }) => ({
            value: mpn,
            label: t('lineOf', { name, seats: quantity }),
          }))}
        />
      )}
      {kind === 'change-quantity' && (
        <TextField
          form={form}
          name="seats"
          type="number"
          label={t('newSeats')}
          hint={t('seatsHint', { current: seats ?? 0 })}
          required
          rules={{
            validate: (value) => (/^[1-9]\d{0,6}$/.test(String(value).trim()) ? true : t('wholeSeats')),
          }}
        />
      )}
      {kind === 'renewal-setting' && !change && (
        <SelectField
          form={form}
          name="autoRenew"
          label={t('autoRenew')}
          options={[
            { value: 'on', label: common('on') },
            { value: 'off', label: common('off') },
          ]}
        />
      )}
      {kind !== 'renewal-setting' && (
        <SelectField
          form={form}
          name="at"
          label={t('when')}
          hint={autoRenew ? undefined : t('noRenewal')}
          options={[
            ...(autoRenew || saved?.values.at === 'renewal'
              ? [{ value: 'renewal', label: words('waitForRenewal') }]
              : []),
            { value: 'time', label: t('atTime') },
          ]}
        />
      )}
      {isAtTime && (
        <TextField
          form={form}
          name="time"
          type="datetime-local"
          label={t('time')}
          hint={t('timeHint')}
          required
        />
      )}
    </FormDrawer>
  );
}
