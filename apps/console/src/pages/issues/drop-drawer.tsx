import type { ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import { useForm } from 'react-hook-form';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { useCommand } from '../../data/queries.ts';
import { Copyable } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { LongTextField } from '../../parts/form/fields.tsx';
import { FormDrawer } from '../../parts/form/form-drawer.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { nameOf, type ParkedMessage } from './parked-message.ts';
import { issues } from './texts.ts';

/** Gives a message up, with the reason that others will read. */
export default function DropDrawer({
  message,
  onClose,
}: {
  message: ParkedMessage;
  onClose: () => void;
}): ReactNode {
  const { id, detail, service, correlationId } = message;
  const t = useTexts(issues);
  const common = useCommon();
  const tell = useToast();
  const form = useForm<{ reason: string }>({ defaultValues: { reason: '' } });
  const drop = useCommand('post', '/v1/parked-messages/{id}/drop', { changes: ['/v1/parked-messages'] });
  return (
    <FormDrawer
      title={t('dropTitle')}
      form={form}
      labels={{ reason: t('reason') }}
      submit={t('doDrop')}
      needs="POST /v1/parked-messages/{id}/drop"
      save={async ({ reason }) => {
        await drop.mutateAsync({ path: { id }, body: { reason: reason.trim() } });
        tell({ title: t('isDropped') });
      }}
      onClose={onClose}
    >
      <Text weight="semibold">{nameOf(message)}</Text>
      <Text>{forPeople(detail)}</Text>
      <Text>{t('dropDetail', { service })}</Text>
      {correlationId && <Copyable label={common('correlationId')} value={correlationId} />}
      <LongTextField form={form} name="reason" label={t('reason')} hint={t('reasonHint')} required />
    </FormDrawer>
  );
}
