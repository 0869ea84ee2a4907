import type { ReactNode } from 'react';
import { Button, Field, makeStyles, Radio, RadioGroup, Text, tokens } from '@fluentui/react-components';
import type { Order } from '@isthmus/sdk';
import { Controller, useForm } from 'react-hook-form';
import { useCommand, useList } from '../../data/queries.ts';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { Copyable } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { LongTextField, TextField } from '../../parts/form/fields.tsx';
import { FormDrawer } from '../../parts/form/form-drawer.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { orders } from './texts.ts';

const outcomes = ['found', 'refused', 'settled'] as const;

interface ResolveValues {
  outcome: (typeof outcomes)[number] | '';
  cmpOrderId: string;
  reason: string;
}

const useStyles = makeStyles({
  outcome: { display: 'grid' },
  candidates: { display: 'grid', gap: tokens.spacingVerticalXS, justifyItems: 'start' },
});

/** What a person found out about an order that cannot go on by itself: what to look for, and three outcomes with what each does. */
export default function ResolveDrawer({ order, onClose }: { order: Order; onClose: () => void }): ReactNode {
  const { id, reason, marker, cmpOrderNumber, cmpSubscriptionId } = order;
  const t = useTexts(orders);
  const tell = useToast();
  const styles = useStyles();
  const form = useForm<ResolveValues>({
    defaultValues: { outcome: '', cmpOrderId: order.cmpOrderId ?? '', reason: '' },
  });
  const resolve = useCommand('post', '/v1/orders/{id}/resolve', {
    changes: ['/v1/orders', '/v1/subscriptions', '/v1/renewals'],
  });
  const outcome = form.watch('outcome');

  const save = async (values: ResolveValues): Promise<void> => {
    if (values.outcome === '') return;
    await resolve.mutateAsync({
      path: { id },
      body: {
        outcome: values.outcome,
        reason: values.reason.trim(),
        ...(values.outcome === 'found' && { cmpOrderId: values.cmpOrderId.trim() }),
      },
    });
    tell({ title: t(`resolved-${values.outcome}`) });
  };

  return (
    <FormDrawer
      title={t('resolveTitle')}
      form={form}
      labels={{ outcome: t('outcome'), cmpOrderId: t('cmpOrderId'), reason: t('reason') }}
      submit={t('decide')}
      needs="POST /v1/orders/{id}/resolve"
      save={save}
      onClose={onClose}
    >
      {reason && (
        <Text>
          {forPeople(reason.detail)} <strong>{forPeople(reason.nextStep)}</strong>
        </Text>
      )}
      <Text>{t('lookFor')}</Text>
      <Copyable label={t('marker')} value={marker} />
      {cmpOrderNumber && <Copyable label={t('cmpOrderNumber')} value={cmpOrderNumber} />}
      {cmpSubscriptionId && <Copyable label={t('cmpSubscription')} value={cmpSubscriptionId} />}
      <Controller
        control={form.control}
        name="outcome"
        rules={{ required: t('chooseOutcome') }}
        render={({ field: { value, onChange }, fieldState: { error } }) => (
          <Field
            label={t('outcome')}
            required
            validationState={error ? 'error' : 'none'}
            {...(error?.message && { validationMessage: error.message })}
          >
            <RadioGroup value={value} onChange={(_, data) => onChange(data.value)}>
              {outcomes.map((one) => (
                <Radio
                  key={one}
                  value={one}
                  label={
                    <span className={styles.outcome}>
                      <Text weight="semibold">{t(`outcome-${one}`)}</Text>
                      <Text size={200}>{t(`does-${one}`)}</Text>
                    </span>
                  }
                />
              ))}
            </RadioGroup>
          </Field>
        )}
      />
      {outcome === 'found' && (
        <>
          <TextField
            form={form}
            name="cmpOrderId"
            label={t('cmpOrderId')}
            hint={t('cmpOrderIdHint')}
            required
          />
          <Candidates
            order={order}
            onPick={(cmpOrderId) => form.setValue('cmpOrderId', cmpOrderId, { shouldDirty: true })}
          />
        </>
      )}
      <LongTextField form={form} name="reason" label={t('reason')} hint={t('reasonHint')} required />
    </FormDrawer>
  );
}

/** Orders that CMP has and that nobody here placed: one of them may be this one. */
function Candidates({
  order: { connectorId, cmpSubscriptionId },
  onPick,
}: {
  order: Order;
  onPick: (cmpOrderId: string) => void;
}): ReactNode {
  const t = useTexts(orders);
  const word = useWord(orders);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const { rows } = useList('/v1/orders/at-cmp', {
    query: { connectorId, placed: 'elsewhere', limit: 10, ...(cmpSubscriptionId && { cmpSubscriptionId }) },
  });
  if (rows.length === 0) return null;
  return (
    <Field label={t('candidates')}>
      <div className={styles.candidates}>
        {rows.map(({ cmpOrderId, orderNumber, type, status, createdAt }) => (
          <Button key={cmpOrderId} size="small" onClick={() => onPick(cmpOrderId)}>
            {[
              orderNumber ?? cmpOrderId,
              word('type', type),
              word('cmp', status),
              format.moment(createdAt),
            ].join(' · ')}
          </Button>
        ))}
      </div>
    </Field>
  );
}
