import { useState, type ReactNode } from 'react';
import { useForm } from 'react-hook-form';
import { read, useCommand } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { LongTextField, TextField } from '../../parts/form/fields.tsx';
import { FormDrawer } from '../../parts/form/form-drawer.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import {
  bodyOf,
  changesOf,
  nameOf,
  valuesOf,
  type Endpoint,
  type EndpointValues,
} from './endpoint-values.ts';
import { webhooks } from './texts.ts';

interface EndpointFormProps {
  /** Undefined for a new one. */
  endpoint?: Endpoint;
  /** The signing secret of a new one, which is shown once. */
  onSecret: (secret: string) => void;
  onClose: () => void;
}

const savedOf = (endpoint: Endpoint) => ({ version: endpoint.version, values: valuesOf(endpoint) });
const changes = { changes: ['/v1/webhook-endpoints'] };

/** An address for events, and which ones it gets. */
export default function EndpointForm({ endpoint, onSecret, onClose }: EndpointFormProps): ReactNode {
  const t = useTexts(webhooks);
  const common = useCommon();
  const tell = useToast();
  // As it was when the drawer was opened: what others change meanwhile is said by the server.
  const [before] = useState(() => endpoint && savedOf(endpoint));
  const form = useForm<EndpointValues>({
    defaultValues: before?.values ?? { url: '', description: '', eventTypes: '*' },
  });
  const create = useCommand('post', '/v1/webhook-endpoints', changes);
  const change = useCommand('patch', '/v1/webhook-endpoints/{id}', changes);

  const save = async (values: EndpointValues, version = 0): Promise<void> => {
    if (endpoint && before) {
      const body = changesOf(before.values, values);
      await change.mutateAsync({ path: { id: endpoint.id }, version, body });
      tell({ title: t('isChanged', { name: nameOf({ ...endpoint, ...body }) }) });
      return;
    }
    const { id, secret, ...made } = await create.mutateAsync({ body: bodyOf(values) });
    tell({
      title: t('isCreated', { name: nameOf(made) }),
      next: (
        <PageLink to="/developers/webhooks/$id" params={{ id }}>
          {t('toEndpoint')}
        </PageLink>
      ),
    });
    onSecret(secret);
  };

  return (
    <FormDrawer
      title={endpoint ? t('editTitle', { name: nameOf(endpoint) }) : t('createTitle')}
      form={form}
      labels={{ url: t('url'), description: t('description'), eventTypes: t('eventTypes') }}
      submit={endpoint ? common('save') : common('create')}
      needs={endpoint ? 'PATCH /v1/webhook-endpoints/{id}' : 'POST /v1/webhook-endpoints'}
      {...(endpoint &&
        before && {
          saved: {
            now: before,
            read: async () =>
              savedOf(await read('/v1/webhook-endpoints/{id}', { path: { id: endpoint.id } })),
          },
        })}
      save={save}
      onClose={onClose}
    >
      <TextField form={form} name="url" type="url" label={t('url')} hint={t('urlHint')} required />
      <TextField form={form} name="description" label={t('description')} hint={t('descriptionHint')} />
      <LongTextField
        form={form}
        name="eventTypes"
        label={t('eventTypes')}
        hint={t('eventTypesHint')}
        required
      />
    </FormDrawer>
  );
}
