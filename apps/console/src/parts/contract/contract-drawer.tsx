import { useEffect, useState, type ReactNode } from 'react';
import { Field, SearchBox } from '@fluentui/react-components';
import { useForm } from 'react-hook-form';
import { useConnectors } from '../../data/connectors.ts';
import { read, useCommand, useList, useOne } from '../../data/queries.ts';
import { contracts as texts } from '../../texts/contracts.ts';
import { useTexts } from '../../texts/use-texts.ts';
import { ProblemMessage } from '../feedback/problem.tsx';
import { useToast } from '../feedback/toasts.tsx';
import { CheckField, SelectField, TextField } from '../form/fields.tsx';
import { FormDrawer } from '../form/form-drawer.tsx';
import { PageLink } from '../show/links.tsx';
import {
  changesOf,
  dayOf,
  newContract,
  valuesOf,
  type Contract,
  type ContractValues,
} from './contract-values.ts';

interface ContractDrawerProps {
  /** The one that is changed; without it, one is made. */
  contract?: Contract;
  /** Of a new one: its account, if that is known already. */
  tenantAccountId?: string | undefined;
  onClose: () => void;
}

const affected = ['/v1/billing-contracts', '/v1/provider-accounts', '/v1/subscriptions'];

/** The terms of a contract: of a new one, with what its account says filled in; or of one that is there. */
export default function ContractDrawer({
  contract: given,
  tenantAccountId,
  onClose,
}: ContractDrawerProps): ReactNode {
  const t = useTexts(texts);
  const tell = useToast();
  const { connectors } = useConnectors();
  const [contract] = useState(given);
  const before = contract && valuesOf(contract);
  const form = useForm<ContractValues>({
    defaultValues: before ?? {
      tenantAccountId: tenantAccountId ?? '',
      name: '',
      currency: '',
      startDate: dayOf(new Date()),
      endDate: '',
      isDefault: true,
    },
  });
  const accountId = form.watch('tenantAccountId');
  const filled = useFilledIn(accountId, contract === undefined, (values) =>
    form.reset({ ...form.getValues(), ...values }),
  );
  const create = useCommand('post', '/v1/billing-contracts', { changes: affected });
  const change = useCommand('patch', '/v1/billing-contracts/{id}', { changes: affected });
  const billedIn = connectors
    .filter(({ id }) => filled.connectorIds.includes(id))
    .map(({ currency }) => currency);
  const currency = form.watch('currency');
  const currencies = [...new Set([...billedIn, ...(before ? [before.currency] : [])])];
  useEffect(() => {
    const [first] = billedIn;
    if (!contract && first && !currencies.includes(currency)) form.setValue('currency', first);
  });

  const save = async (values: ContractValues, version = 0): Promise<void> => {
    if (!contract) {
      const made = await create.mutateAsync({ body: newContract(values) });
      tell({
        title: t('made', { name: made.name }),
        detail: t('madeNext'),
        next: (
          <PageLink to="/contracts/$id" params={{ id: made.id }}>
            {t('toContract')}
          </PageLink>
        ),
      });
      return;
    }
    const body = changesOf(valuesOf(contract), values);
    if (!body) return;
    await change.mutateAsync({ path: { id: contract.id }, version, body });
    tell({ title: t('changed', { name: values.name }) });
  };

  return (
    <FormDrawer
      title={contract ? t('changeTitle', { name: contract.name }) : t('makeTitle')}
      form={form}
      labels={{
        ...(!contract && { tenantAccountId: t('account') }),
        name: t('name'),
        currency: t('currency'),
        startDate: t('startDate'),
        endDate: t('endDate'),
        isDefault: t('default'),
      }}
      needs={contract ? 'PATCH /v1/billing-contracts/{id}' : 'POST /v1/billing-contracts'}
      {...(!contract && { submit: t('makeDeed') })}
      {...(contract && {
        saved: {
          now: { version: contract.version, values: valuesOf(contract) },
          read: async () => {
            const now = await read('/v1/billing-contracts/{id}', { path: { id: contract.id } });
            return { version: now.version, values: valuesOf(now) };
          },
        },
      })}
      save={save}
      onClose={onClose}
    >
      <ProblemMessage error={filled.error} />
      {!contract && <AccountField form={form} given={tenantAccountId} isUnlinked={filled.isUnlinked} />}
      <TextField form={form} name="name" label={t('name')} required />
      <SelectField
        form={form}
        name="currency"
        label={t('currency')}
        hint={t('currencyHint')}
        options={currencies.map((value) => ({ value, label: value }))}
        {...(currencies.length === 0 && { placeholder: '' })}
        required
      />
      <TextField form={form} name="startDate" type="date" label={t('startDate')} required />
      <TextField form={form} name="endDate" type="date" label={t('endDate')} hint={t('endDateHint')} />
      <CheckField form={form} name="isDefault" label={t('default')} hint={t('defaultHint')} />
    </FormDrawer>
  );
}

/** What the account says for a new contract: its name, the currencies it can be billed in, and whether a default is missing. */
function useFilledIn(
  tenantAccountId: string,
  isNew: boolean,
  onFilled: (values: Pick<ContractValues, 'name' | 'isDefault'>) => void,
): { connectorIds: readonly string[]; isUnlinked: boolean; error: Error | null } {
  const enabled = tenantAccountId !== '';
  const account = useOne('/v1/tenant-accounts/{id}', { path: { id: tenantAccountId } }, { enabled });
  const linked = useList('/v1/provider-accounts', { query: { tenantAccountId } }, { enabled });
  const defaults = useList(
    '/v1/billing-contracts',
    { query: { tenantAccountId, isDefault: true } },
    { enabled: enabled && isNew },
  );
  const name = account.data?.name;
  const hasDefault = defaults.rows.some((one) => one.tenantAccountId === tenantAccountId);
  const isReady = isNew && name !== undefined && !defaults.isLoading && !defaults.isFetching;
  useEffect(() => {
    if (isReady) onFilled({ name, isDefault: !hasDefault });
    // Once for each account that is chosen: what was typed since stays.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- onFilled is made anew with each drawing
  }, [isReady, tenantAccountId, name]);
  const rows = linked.rows.filter((one) => one.tenantAccountId === tenantAccountId);
  return {
    connectorIds: enabled ? rows.map(({ connectorId }) => connectorId) : [],
    isUnlinked: enabled && linked.asOf !== undefined && !linked.isFetching && rows.length === 0,
    error: account.error ?? linked.error ?? defaults.error,
  };
}

interface AccountFieldProps {
  form: ReturnType<typeof useForm<ContractValues>>;
  given: string | undefined;
  isUnlinked: boolean;
}

/** Whose contract it is: the account that is known, or one that is looked for. */
function AccountField({ form, given, isUnlinked }: AccountFieldProps): ReactNode {
  const t = useTexts(texts);
  const [q, setQ] = useState('');
  const known = useOne(
    '/v1/tenant-accounts/{id}',
    { path: { id: given ?? '' } },
    { enabled: given !== undefined },
  );
  const found = useList(
    '/v1/tenant-accounts',
    { query: { ...(q.trim() && { q: q.trim() }), limit: 50 } },
    { enabled: given === undefined },
  );
  const rows = known.data ? [known.data] : found.rows;
  return (
    <>
      {given === undefined && (
        <Field label={t('findAccount')}>
          <SearchBox value={q} onChange={(_, { value }) => setQ(value)} />
        </Field>
      )}
      <SelectField
        form={form}
        name="tenantAccountId"
        label={t('account')}
        placeholder={t('chooseAccount')}
        {...(isUnlinked && { hint: t('notLinked') })}
        options={rows.map(({ id, name }) => ({ value: id, label: [name, id].join(' · ') }))}
        required
      />
    </>
  );
}
