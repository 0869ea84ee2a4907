import type { ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import type { Answer, Operation } from '@isthmus/sdk';
import { useForm } from 'react-hook-form';
import { useCommand } from '../../data/queries.ts';
import { TextField } from '../../parts/form/fields.tsx';
import { FormDrawer } from '../../parts/form/form-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { connectorTexts } from './texts.ts';

export type IssuedKey = Answer<Operation<'post', '/v1/connectors/{id}/api-keys'>>;

interface KeyValues {
  label: string;
  /** A day, or empty: the key does not expire. */
  expiresAt: string;
}

interface IssueKeyDrawerProps {
  connectorId: string;
  onIssued: (key: IssuedKey) => void;
  onClose: () => void;
}

/** Issues an API key for Work 365. The page shows it afterwards, once. */
export default function IssueKeyDrawer({ connectorId, onIssued, onClose }: IssueKeyDrawerProps): ReactNode {
  const t = useTexts(connectorTexts);
  const form = useForm<KeyValues>({ defaultValues: { label: '', expiresAt: '' } });
  const issue = useCommand('post', '/v1/connectors/{id}/api-keys', { changes: ['/v1/connectors'] });
  return (
    <FormDrawer
      title={t('issueTitle')}
      form={form}
      labels={{ label: t('keyLabel'), expiresAt: t('keyExpires') }}
      submit={t('issueDeed')}
      needs="POST /v1/connectors/{id}/api-keys"
      save={async ({ label, expiresAt }) => {
        const body = { label: label.trim(), ...(expiresAt && { expiresAt: `${expiresAt}T23:59:59Z` }) };
        onIssued(await issue.mutateAsync({ path: { id: connectorId }, body }));
      }}
      onClose={onClose}
    >
      <Text>{t('issueDetail')}</Text>
      <TextField form={form} name="label" label={t('keyLabel')} hint={t('keyLabelHint')} required />
      <TextField
        form={form}
        name="expiresAt"
        type="date"
        label={t('keyExpires')}
        hint={t('keyExpiresHint')}
      />
    </FormDrawer>
  );
}
