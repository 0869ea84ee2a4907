import { useState, type ReactNode } from 'react';
import { Button, Field, MessageBar, MessageBarBody, Text } from '@fluentui/react-components';
import { useForm } from 'react-hook-form';
import { read, useCommand } from '../../../data/queries.ts';
import { useToast } from '../../../parts/feedback/toasts.tsx';
import { SelectField, TextField } from '../../../parts/form/fields.tsx';
import { FormDrawer, type Saved } from '../../../parts/form/form-drawer.tsx';
import { linking } from './texts.ts';
import { useTexts } from '../../../texts/use-texts.ts';
import { domainChange, domainValuesOf, type Account, type DomainValues } from '../account.ts';
import { accounts } from '../texts.ts';

const savedOf = (account: Account): Saved<DomainValues> => ({
  version: account.version,
  values: domainValuesOf(account),
});

/** The account's domain: what Ingram Micro says, or one by hand, such as one that its subscriptions name. */
export default function DomainDrawer({
  account,
  onClose,
}: {
  account: Account;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(accounts);
  const say = useTexts(linking);
  const tell = useToast();
  const { id, name, customDomainCandidates: candidates } = account;
  const [before] = useState(() => savedOf(account));
  const form = useForm<DomainValues>({ defaultValues: before.values });
  const change = useCommand('patch', '/v1/provider-accounts/{id}', { changes: ['/v1/provider-accounts'] });
  const isManual = form.watch('source') === 'manual';
  const typed = form.watch('customDomain').trim().toLowerCase();
  const isForMicrosoft = typed === '' || typed.endsWith('.onmicrosoft.com');
  return (
    <FormDrawer
      title={say('domainTitle', { name })}
      form={form}
      labels={{ source: say('domainSource'), customDomain: t('domain') }}
      needs="PATCH /v1/provider-accounts/{id}"
      saved={{
        now: before,
        read: async () => savedOf(await read('/v1/provider-accounts/{id}', { path: { id } })),
      }}
      save={async (values, version = 0) => {
        await change.mutateAsync({ path: { id }, version, body: domainChange(values) });
        tell({ title: say('domainSaved', { name }) });
      }}
      onClose={onClose}
    >
      <SelectField
        form={form}
        name="source"
        label={say('domainSource')}
        {...(!isManual && { hint: say('cmpHint') })}
        options={[
          { value: 'cmp', label: say('source-cmp') },
          { value: 'manual', label: say('source-manual') },
        ]}
      />
      {isManual && (
        <TextField form={form} name="customDomain" label={t('domain')} hint={say('domainHint')} required />
      )}
      {isManual && !isForMicrosoft && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{say('notMicrosoft')}</MessageBarBody>
        </MessageBar>
      )}
      <Field label={t('candidates')}>
        <div>
          {candidates.length === 0 && <Text>{t('noCandidates')}</Text>}
          {candidates.map((domain) => (
            <Button
              key={domain}
              onClick={() => {
                form.setValue('source', 'manual', { shouldDirty: true });
                form.setValue('customDomain', domain, { shouldDirty: true });
              }}
            >
              {say('takeCandidate', { domain })}
            </Button>
          ))}
        </div>
      </Field>
    </FormDrawer>
  );
}
