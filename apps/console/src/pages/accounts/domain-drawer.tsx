import { useState, type ReactNode } from 'react';
import { Button, Field } from '@fluentui/react-components';
import { useForm } from 'react-hook-form';
import { read, useCommand } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { TextField } from '../../parts/form/fields.tsx';
import { FormDrawer, type Saved } from '../../parts/form/form-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import type { Account } from './account.ts';
import { accounts } from './texts.ts';

interface DomainValues {
  customDomain: string;
}

const savedOf = ({ version, customDomain }: Account): Saved<DomainValues> => ({
  version,
  values: { customDomain: customDomain ?? '' },
});

/** The account's domain, by hand: one that its subscriptions name, or another. */
export default function DomainDrawer({
  account,
  onClose,
}: {
  account: Account;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(accounts);
  const tell = useToast();
  const { id, name, customDomainCandidates } = account;
  const [before] = useState(() => savedOf(account));
  const form = useForm<DomainValues>({ defaultValues: before.values });
  const change = useCommand('patch', '/v1/provider-accounts/{id}', { changes: ['/v1/provider-accounts'] });
  return (
    <FormDrawer
      title={t('domainTitle', { name })}
      form={form}
      labels={{ customDomain: t('domain') }}
      needs="PATCH /v1/provider-accounts/{id}"
      saved={{
        now: before,
        read: async () => savedOf(await read('/v1/provider-accounts/{id}', { path: { id } })),
      }}
      save={async ({ customDomain }, version = 0) => {
        await change.mutateAsync({
          path: { id },
          version,
          body: { customDomain: customDomain.trim() || null },
        });
        tell({ title: t('changed', { name }) });
      }}
      onClose={onClose}
    >
      <TextField form={form} name="customDomain" label={t('domain')} hint={t('domainHint')} />
      {customDomainCandidates.length > 0 && (
        <Field label={t('candidates')}>
          <div>
            {customDomainCandidates.map((domain) => (
              <Button
                key={domain}
                onClick={() => form.setValue('customDomain', domain, { shouldDirty: true })}
              >
                {domain}
              </Button>
            ))}
          </div>
        </Field>
      )}
    </FormDrawer>
  );
}
