import type { ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import { useForm } from 'react-hook-form';
import { useCommand } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { TextField } from '../../parts/form/fields.tsx';
import { FormDrawer } from '../../parts/form/form-drawer.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { nameOf, type Endpoint } from './endpoint-values.ts';
import { webhooks } from './texts.ts';

interface SendAgainDrawerProps {
  endpoint: Endpoint;
  /** `recover`: what was missed. `replay`: everything since a time, also what has arrived. */
  what: 'recover' | 'replay';
  onClose: () => void;
}

const everything = { changes: ['/v1/webhook-endpoints', '/v1/deliveries', '/v1/events'] };

/** Sends to an endpoint again, in order, what was published since some time. */
export default function SendAgainDrawer({ endpoint, what, onClose }: SendAgainDrawerProps): ReactNode {
  const t = useTexts(webhooks);
  const common = useCommon();
  const tell = useToast();
  const form = useForm<{ since: string }>({ defaultValues: { since: '' } });
  const recover = useCommand('post', '/v1/webhook-endpoints/{id}/recover', everything);
  const replay = useCommand('post', '/v1/webhook-endpoints/{id}/replay', everything);
  const isReplay = what === 'replay';
  const path = { id: endpoint.id };

  const save = async ({ since: typed }: { since: string }): Promise<void> => {
    const since = typed ? new Date(typed).toISOString() : undefined;
    const { queued } =
      isReplay && since
        ? await replay.mutateAsync({ path, body: { since } })
        : await recover.mutateAsync({ path, body: since ? { since } : {} });
    tell({ title: t('isQueued', { count: queued }) });
  };

  return (
    <FormDrawer
      title={t(isReplay ? 'replayTitle' : 'recoverTitle', { name: nameOf(endpoint) })}
      form={form}
      labels={{ since: t('publishedSince') }}
      submit={t(isReplay ? 'doReplay' : 'doRecover')}
      needs={isReplay ? 'POST /v1/webhook-endpoints/{id}/replay' : 'POST /v1/webhook-endpoints/{id}/recover'}
      save={save}
      onClose={onClose}
    >
      <Text>{isReplay ? t('replayDetail') : t('recoverDetail', { count: endpoint.undelivered })}</Text>
      <TextField
        form={form}
        name="since"
        type="datetime-local"
        label={t('publishedSince')}
        hint={isReplay ? t('keptHint') : common('optional')}
        required={isReplay}
      />
    </FormDrawer>
  );
}
