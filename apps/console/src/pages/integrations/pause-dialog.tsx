import { useState, type ReactNode } from 'react';
import { Field, Text, Textarea } from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { useCommand } from '../../data/queries.ts';
import { Confirm } from '../../parts/feedback/confirm.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { integrations } from './texts.ts';

/** Pauses a connector, with the reason that others see. */
export default function PauseDialog({
  connector,
  onClose,
}: {
  connector: Connector;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(integrations);
  const common = useCommon();
  const [reason, setReason] = useState('');
  const pause = useCommand('post', '/v1/connectors/{id}/pause', {
    changes: ['/v1/connectors'],
    onDone: onClose,
  });
  return (
    <Confirm
      open
      title={t('pauseTitle', { name: connector.name })}
      deed={t('pause')}
      needs="POST /v1/connectors/{id}/pause"
      isBusy={pause.isPending}
      error={pause.error}
      onConfirm={() =>
        pause.mutate({ path: { id: connector.id }, body: reason.trim() ? { reason: reason.trim() } : {} })
      }
      onClose={onClose}
    >
      <Text as="p">{t('pauseDetail')}</Text>
      <Field label={t('pauseReason')} hint={common('optional')}>
        <Textarea value={reason} onChange={(_, { value }) => setReason(value)} />
      </Field>
    </Confirm>
  );
}
