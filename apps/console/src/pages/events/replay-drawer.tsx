import type { ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import { useForm } from 'react-hook-form';
import { useCommand, useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { SelectField } from '../../parts/form/fields.tsx';
import { FormDrawer } from '../../parts/form/form-drawer.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import { shortType, subscribes } from './event-filters.ts';
import { events } from './texts.ts';

interface ReplayValues {
  endpoint: string;
}

/** Sends this event and everything after it again, to one endpoint. */
export default function ReplayDrawer({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const t = useTexts(events);
  const tell = useToast();
  const format = formatOf(useLanguage());
  const form = useForm<ReplayValues>({ defaultValues: { endpoint: '' } });
  const event = useOne('/v1/events/{id}', { path: { id } });
  const endpoints = useOne('/v1/webhook-endpoints', { query: { limit: 200 } });
  const replay = useCommand('post', '/v1/webhook-endpoints/{id}/replay', {
    changes: ['/v1/webhook-endpoints', '/v1/events', '/v1/deliveries'],
  });
  const usable = endpoints.data?.data.filter(({ status }) => status === 'enabled') ?? [];
  const chosen = usable.find((one) => one.id === form.watch('endpoint'));
  const isForOthers = chosen && event.data && !subscribes(chosen.eventTypes, event.data.type);

  const save = async ({ endpoint }: ReplayValues): Promise<void> => {
    const { queued } = await replay.mutateAsync({ path: { id: endpoint }, body: { since: id } });
    tell({
      title: t('replayed', { count: queued }),
      next: (
        <PageLink to="/developers/webhooks/$id" params={{ id: endpoint }}>
          {t('toEndpoint')}
        </PageLink>
      ),
    });
  };

  return (
    <FormDrawer
      title={t('replayTitle')}
      form={form}
      labels={{ endpoint: t('endpoint') }}
      submit={t('doReplay')}
      needs="POST /v1/webhook-endpoints/{id}/replay"
      save={save}
      onClose={onClose}
    >
      <ProblemMessage error={event.error ?? endpoints.error} />
      {event.data && (
        <Text>
          {t('replayDetail', { type: shortType(event.data.type), time: format.moment(event.data.time) })}
        </Text>
      )}
      <SelectField
        form={form}
        name="endpoint"
        label={t('endpoint')}
        required
        placeholder={t('choose')}
        options={usable.map((one) => ({ value: one.id, label: one.description || one.url }))}
      />
      {isForOthers && <Text>{t('notSubscribed')}</Text>}
      {endpoints.data && usable.length === 0 && (
        <Text>
          {t('noEndpoint')} <PageLink to="/developers/webhooks">{t('toWebhooks')}</PageLink>
        </Text>
      )}
    </FormDrawer>
  );
}
