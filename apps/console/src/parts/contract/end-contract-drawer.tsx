import { useState, type ReactNode } from 'react';
import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useForm } from 'react-hook-form';
import { read, useCommand } from '../../data/queries.ts';
import { contracts as texts } from '../../texts/contracts.ts';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import { useToast } from '../feedback/toasts.tsx';
import { TextField } from '../form/fields.tsx';
import { FormDrawer, type Saved } from '../form/form-drawer.tsx';
import { dayOf, type Contract } from './contract-values.ts';

const savedOf = ({ version, endDate }: Contract): Saved<{ endDate: string }> => ({
  version,
  values: { endDate: endDate ?? '' },
});

/** The last day of a contract; says what that means for new subscriptions. */
export default function EndContractDrawer({
  contract: given,
  onClose,
}: {
  contract: Contract;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(texts);
  const tell = useToast();
  const format = formatOf(useLanguage());
  const [contract] = useState(given);
  const { id, name, endDate, isDefault } = contract;
  const form = useForm({ defaultValues: { endDate: endDate ?? dayOf(new Date()) } });
  const change = useCommand('patch', '/v1/billing-contracts/{id}', {
    changes: ['/v1/billing-contracts', '/v1/provider-accounts'],
  });
  return (
    <FormDrawer
      title={t('endTitle', { name })}
      form={form}
      labels={{ endDate: t('endDate') }}
      submit={t('endDeed')}
      needs="PATCH /v1/billing-contracts/{id}"
      saved={{
        now: savedOf(contract),
        read: async () => savedOf(await read('/v1/billing-contracts/{id}', { path: { id } })),
      }}
      save={async ({ endDate: last }, version = 0) => {
        await change.mutateAsync({ path: { id }, version, body: { endDate: last } });
        tell({ title: t('endedNow', { name, day: format.day(last) }) });
      }}
      onClose={onClose}
    >
      {isDefault && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t('endOfDefault')}</MessageBarBody>
        </MessageBar>
      )}
      <TextField form={form} name="endDate" type="date" label={t('endDate')} hint={t('endHint')} required />
    </FormDrawer>
  );
}
