import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import type { Connector, Verification } from '@isthmus/sdk';
import { useForm } from 'react-hook-form';
import { read, useCommand } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { changedFields } from '../../parts/form/differences.ts';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { FormDrawer, FormProblem, markFields } from '../../parts/form/form-drawer.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { bodyOf, emptyConnector, toChange, valuesOf, type ConnectorValues } from './connector-values.ts';
import { countryOptions, currencyOf, currencyOptions } from './countries.ts';
import { integrations } from './texts.ts';
import { VerificationSteps } from './verification-steps.tsx';

interface ConnectorDrawerProps {
  /** Left out for a new one. */
  connector?: Connector;
  onClose: () => void;
  onSaved?: (connector: Connector) => void;
}

const useStyles = makeStyles({
  more: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: tokens.spacingVerticalM },
  result: { scrollMarginTop: tokens.spacingVerticalL },
});

/** The eight settings of a connector, in the order in which the Marketplace API item shows them, and when it is read. */
export default function ConnectorDrawer({
  connector: current,
  onClose,
  onSaved,
}: ConnectorDrawerProps): ReactNode {
  // As it was when the form was opened: a change is based on what was seen, not on what came meanwhile.
  const [connector] = useState(current);
  const t = useTexts(integrations);
  const common = useCommon();
  const language = useLanguage();
  const styles = useStyles();
  const tell = useToast();
  const [before] = useState(() => (connector ? valuesOf(connector) : emptyConnector));
  const form = useForm<ConnectorValues>({ defaultValues: before });
  const proposed = useRef(currencyOf(before.country) ?? '');
  const create = useCommand('post', '/v1/connectors', { changes: ['/v1/connectors'] });
  const change = useCommand('patch', '/v1/connectors/{id}', { changes: ['/v1/connectors'] });
  const tryNew = useCommand('post', '/v1/connectors/verify');
  const tryChange = useCommand('post', '/v1/connectors/{id}/verify');
  const [tried, setTried] = useState<Verification>();
  const [tryError, setTryError] = useState<Error>();
  const result = useRef<HTMLDivElement>(null);
  // Above the fields: whoever has scrolled down to the button sees it, too.
  useEffect(() => {
    if (tried || tryError) result.current?.scrollIntoView({ block: 'start' });
  }, [tried, tryError]);
  const countries = useMemo(() => countryOptions(language), [language]);
  const currencies = useMemo(() => currencyOptions(language), [language]);

  const labels = {
    name: common('name'),
    username: t('username'),
    password: t('password'),
    apiUrl: t('apiUrl'),
    accountId: t('accountId'),
    subscriptionKey: t('subscriptionKey'),
    country: t('country'),
    currency: t('currency'),
    'schedule.tickMinutes': t('tickMinutes'),
    'schedule.sweepMinutes': t('sweepMinutes'),
    'schedule.accountsMinutes': t('accountsMinutes'),
    'callLimit.perMinute': t('perMinute'),
    'callLimit.perDay': t('perDay'),
  };

  const save = async (values: ConnectorValues, version = 0): Promise<void> => {
    const saved = connector
      ? await change.mutateAsync({
          path: { id: connector.id },
          version,
          body: toChange(changedFields(flat(before), flat(values))),
        })
      : await create.mutateAsync({ body: bodyOf(values) });
    tell({
      title: t(connector ? 'changed' : 'created', { name: saved.name }),
      detail: connector ? undefined : t(tried?.ok ? 'triedNext' : 'createdNext'),
    });
    onSaved?.(saved);
  };

  const tryIt = async (): Promise<void> => {
    if (!(await form.trigger(undefined, { shouldFocus: true }))) return;
    setTried(undefined);
    setTryError(undefined);
    const values = form.getValues();
    try {
      const result = connector
        ? await tryChange.mutateAsync({
            path: { id: connector.id },
            body: toChange(changedFields(flat(before), flat(values))),
          })
        : await tryNew.mutateAsync({ body: bodyOf(values) });
      setTried(result);
      const failed = result.steps.find(({ ok, field }) => !ok && field && field in labels);
      if (failed)
        form.setError(failed.field as keyof ConnectorValues, {
          type: 'server',
          message: t('seeChecks'),
        });
    } catch (error) {
      markFields(form, labels, error);
      setTryError(error as Error);
    }
  };

  const isTrying = tryNew.isPending || tryChange.isPending;
  const isNew = connector === undefined;
  return (
    <FormDrawer
      title={isNew ? t('createTitle') : t('editTitle', { name: connector.name })}
      form={form}
      labels={labels}
      needs={isNew ? 'POST /v1/connectors' : 'PATCH /v1/connectors/{id}'}
      save={save}
      {...(connector && {
        saved: {
          now: { version: connector.version, values: before },
          read: async () => {
            const now = await read('/v1/connectors/{id}', { path: { id: connector.id } });
            return { version: now.version, values: valuesOf(now) };
          },
        },
      })}
      buttons={
        <>
          <ActionButton needs="POST /v1/connectors/verify" isBusy={isTrying} onClick={() => void tryIt()}>
            {t(isNew ? 'tryIt' : 'tryChange')}
          </ActionButton>
          <span role="status">
            {tried && !isTrying && (
              <StatusBadge tone={tried.ok ? 'good' : 'bad'}>
                {t(tried.ok ? 'triedWell' : 'triedBadly')}
              </StatusBadge>
            )}
          </span>
        </>
      }
      onClose={onClose}
    >
      <div ref={result} className={styles.result}>
        {(tried || isTrying) && <VerificationSteps verification={tried} isAsking={isTrying} />}
        <FormProblem error={tryError} labels={labels} />
      </div>
      <TextField form={form} name="name" label={labels.name} hint={t('nameHint')} required />
      <TextField form={form} name="username" label={labels.username} hint={t('usernameHint')} required />
      <TextField
        form={form}
        name="password"
        label={labels.password}
        type="password"
        hint={isNew ? t('passwordHint') : t('secretKept')}
        required={isNew}
      />
      <TextField form={form} name="apiUrl" type="url" label={labels.apiUrl} hint={t('apiUrlHint')} required />
      <TextField form={form} name="accountId" label={labels.accountId} hint={t('accountIdHint')} required />
      <TextField
        form={form}
        name="subscriptionKey"
        label={labels.subscriptionKey}
        type="password"
        hint={isNew ? t('subscriptionKeyHint') : t('secretKept')}
        required={isNew}
      />
      <SelectField
        form={form}
        name="country"
        label={labels.country}
        hint={t('countryHint')}
        options={countries}
        placeholder={t('choose')}
        required
        onPick={(country) => {
          // Not instead of a currency that somebody has chosen; by keyboard one passes other countries on the way.
          const isFree = ['', proposed.current].includes(form.getValues('currency'));
          proposed.current = currencyOf(country) ?? '';
          if (isFree)
            form.setValue('currency', proposed.current, {
              shouldDirty: true,
              shouldValidate: proposed.current !== '',
            });
        }}
      />
      <SelectField
        form={form}
        name="currency"
        label={labels.currency}
        hint={t('currencyHint')}
        options={currencies}
        placeholder={t('choose')}
        required
      />
      <Accordion collapsible>
        <AccordionItem value="more">
          <AccordionHeader as="h3">{t('more')}</AccordionHeader>
          <AccordionPanel>
            <div className={styles.more}>
              <TextField form={form} name="schedule.tickMinutes" type="number" label={t('tickMinutes')} />
              <TextField form={form} name="schedule.sweepMinutes" type="number" label={t('sweepMinutes')} />
              <TextField
                form={form}
                name="schedule.accountsMinutes"
                type="number"
                label={t('accountsMinutes')}
              />
              <TextField
                form={form}
                name="callLimit.perMinute"
                type="number"
                label={t('perMinute')}
                hint={t('limitHint')}
              />
              <TextField
                form={form}
                name="callLimit.perDay"
                type="number"
                label={t('perDay')}
                hint={t('limitHint')}
              />
            </div>
          </AccordionPanel>
        </AccordionItem>
      </Accordion>
    </FormDrawer>
  );
}

const flat = (values: ConnectorValues): Record<string, unknown> => ({ ...values });
