import { useState, type ReactNode } from 'react';
import { Field, makeStyles, Radio, RadioGroup, SearchBox, Text } from '@fluentui/react-components';
import { Controller, useForm } from 'react-hook-form';
import { useCommand, useList, useOne } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { LongTextField, SelectField } from '../../parts/form/fields.tsx';
import { FormDrawer } from '../../parts/form/form-drawer.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { decisionOf, decisions, lineName, valuesOf, type Line, type LineValues } from './invoice-values.ts';
import { invoices } from './texts.ts';

const useStyles = makeStyles({ option: { display: 'grid' } });

/** Whose a charge is, whatever the report says; that it is nobody's; or that the rules decide again. */
export default function DecideDrawer({
  line: given,
  onClose,
}: {
  line: Line;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(invoices);
  const word = useWord(invoices);
  const format = formatOf(useLanguage());
  const styles = useStyles();
  const tell = useToast();
  // A decision takes the line out of the list; the form stays what it was opened for.
  const [line] = useState(given);
  const { id, total, currency, unmatchedReason, cmpAccountId, cmpSubscriptionId } = line;
  const form = useForm<LineValues>({ defaultValues: valuesOf(line) });
  const decide = useCommand('patch', '/v1/rated-lines/{id}', {
    changes: ['/v1/rated-lines', '/v1/invoices'],
  });
  const { decision, providerAccountId } = form.watch();
  return (
    <FormDrawer
      title={t('decideTitle', { line: lineName(line) })}
      form={form}
      labels={{
        decision: t('decision'),
        providerAccountId: t('account'),
        providerSubscriptionId: t('subscription'),
        reason: t('reason'),
      }}
      submit={t('doDecide')}
      needs="PATCH /v1/rated-lines/{id}"
      save={async (values) => {
        await decide.mutateAsync({ path: { id }, body: decisionOf(values) });
        tell({ title: t(`done-${values.decision}`) });
      }}
      onClose={onClose}
    >
      <Text>
        {[format.money({ amount: total, currency }), cmpAccountId, cmpSubscriptionId]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      {unmatchedReason && <Text>{word('unmatched', unmatchedReason)}</Text>}
      <Controller
        control={form.control}
        name="decision"
        render={({ field: { value, onChange } }) => (
          <Field label={t('decision')} required>
            <RadioGroup value={value} onChange={(_, data) => onChange(data.value)}>
              {decisions.map((one) => (
                <Radio
                  key={one}
                  value={one}
                  label={
                    <span className={styles.option}>
                      <Text weight="semibold">{t(`decision-${one}`)}</Text>
                      <Text size={200}>{t(`does-${one}`)}</Text>
                    </span>
                  }
                />
              ))}
            </RadioGroup>
          </Field>
        )}
      />
      {decision === 'match' && (
        <>
          <AccountField
            connectorId={line.connectorId}
            value={providerAccountId}
            error={form.formState.errors.providerAccountId?.message}
            onPick={(account) => {
              form.setValue('providerAccountId', account, { shouldDirty: true, shouldValidate: true });
              form.setValue('providerSubscriptionId', '');
            }}
          />
          <Controller
            control={form.control}
            name="providerAccountId"
            rules={{ required: t('chooseAccount') }}
            render={() => <></>}
          />
          {providerAccountId && <SubscriptionField form={form} accountId={providerAccountId} />}
        </>
      )}
      <LongTextField form={form} name="reason" label={t('reason')} hint={t('reasonHint')} required />
    </FormDrawer>
  );
}

interface AccountFieldProps {
  connectorId: string;
  value: string;
  error: string | undefined;
  onPick: (id: string) => void;
}

/** A customer of the line's connector, found by name, number or domain. */
function AccountField({ connectorId, value, error, onPick }: AccountFieldProps): ReactNode {
  const t = useTexts(invoices);
  const [q, setQ] = useState('');
  const isSearching = q.trim().length > 1;
  const { data: chosen } = useOne(
    '/v1/provider-accounts/{id}',
    { path: { id: value } },
    { enabled: value !== '' },
  );
  const { rows } = useList(
    '/v1/provider-accounts',
    { query: { connectorId, q: q.trim(), limit: 10 } },
    { enabled: isSearching },
  );
  const found = isSearching ? rows.filter(({ id }) => id !== value) : [];
  return (
    <Field
      label={t('account')}
      required
      validationState={error ? 'error' : 'none'}
      {...(error && { validationMessage: error })}
    >
      <div>
        <Field label={t('searchAccount')}>
          <SearchBox value={q} onChange={(_, { value: next }) => setQ(next)} />
        </Field>
        <RadioGroup aria-label={t('account')} value={value} onChange={(_, data) => onPick(data.value)}>
          {[...(chosen && value ? [chosen] : []), ...found].map(
            ({ id, name, cmpAccountId, customDomain }) => (
              <Radio
                key={id}
                value={id}
                label={[name, cmpAccountId, customDomain].filter(Boolean).join(' · ')}
              />
            ),
          )}
        </RadioGroup>
      </div>
    </Field>
  );
}

function SubscriptionField({
  form,
  accountId,
}: {
  form: ReturnType<typeof useForm<LineValues>>;
  accountId: string;
}): ReactNode {
  const t = useTexts(invoices);
  const common = useCommon();
  const { rows } = useList('/v1/provider-accounts/{id}/subscriptions', { path: { id: accountId } });
  return (
    <SelectField
      form={form}
      name="providerSubscriptionId"
      label={t('subscription')}
      hint={t('subscriptionHint')}
      placeholder={common('none')}
      options={rows.map(({ id, name, cmpSubscriptionId }) => ({
        value: id,
        label: `${name} (${cmpSubscriptionId})`,
      }))}
    />
  );
}
