import type { ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import { useForm } from 'react-hook-form';
import { useCommand } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { LongTextField } from '../../parts/form/fields.tsx';
import { FormDrawer } from '../../parts/form/form-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { orders } from './texts.ts';

interface DeclineValues {
  reason: string;
}

interface DeclineDrawerProps {
  id: string;
  /** Of the content that was looked at. */
  hash: string;
  onClose: () => void;
}

/** Declines an order that waits for approval; whoever asked for it reads why. */
export default function DeclineDrawer({ id, hash, onClose }: DeclineDrawerProps): ReactNode {
  const t = useTexts(orders);
  const tell = useToast();
  const form = useForm<DeclineValues>({ defaultValues: { reason: '' } });
  const reject = useCommand('post', '/v1/orders/{id}/reject', { changes: ['/v1/orders'] });
  return (
    <FormDrawer
      title={t('declineTitle')}
      form={form}
      labels={{ reason: t('reason') }}
      submit={t('decline')}
      needs="POST /v1/orders/{id}/reject"
      save={async ({ reason }) => {
        await reject.mutateAsync({ path: { id }, body: { hash, reason: reason.trim() } });
        tell({ title: t('declineDone') });
      }}
      onClose={onClose}
    >
      <Text>{t('declineDetail')}</Text>
      <LongTextField form={form} name="reason" label={t('reason')} hint={t('declineHint')} required />
    </FormDrawer>
  );
}
