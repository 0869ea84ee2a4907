import { lazy, Suspense, type ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import { useCommand } from '../../data/queries.ts';
import type { OperationName } from '../../data/roles.ts';
import { Confirm } from '../../parts/feedback/confirm.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { nameOf, type Endpoint, type EndpointDrawer } from './endpoint-values.ts';
import { webhooks } from './texts.ts';

const EndpointForm = lazy(() => import('./endpoint-drawer.tsx'));
const TestDrawer = lazy(() => import('./test-drawer.tsx'));

interface Deed {
  label: string;
  needs: OperationName;
  drawer: EndpointDrawer;
}

/** What can be done to an endpoint as it is: the same in the list and on its page. */
export function useEndpointDeeds(): (endpoint: Pick<Endpoint, 'status'>) => Deed[] {
  const t = useTexts(webhooks);
  const common = useCommon();
  return ({ status }) => [
    { label: t('test'), needs: 'POST /v1/webhook-endpoints/{id}/test', drawer: 'test' },
    { label: common('edit'), needs: 'PATCH /v1/webhook-endpoints/{id}', drawer: 'edit' },
    { label: t('rotate'), needs: 'POST /v1/webhook-endpoints/{id}/rotate-secret', drawer: 'rotate' },
    status === 'enabled'
      ? { label: t('disable'), needs: 'POST /v1/webhook-endpoints/{id}/disable', drawer: 'disable' }
      : { label: t('enable'), needs: 'POST /v1/webhook-endpoints/{id}/enable', drawer: 'enable' },
    { label: common('remove'), needs: 'DELETE /v1/webhook-endpoints/{id}', drawer: 'remove' },
  ];
}

interface EndpointDialogsProps {
  endpoint: Endpoint;
  drawer: EndpointDrawer;
  onSecret: (secret: string) => void;
  onClose: () => void;
}

const everything = { changes: ['/v1/webhook-endpoints', '/v1/deliveries', '/v1/events'] };

/** The one that the address says is open. */
export function EndpointDialogs({ endpoint, drawer, onSecret, onClose }: EndpointDialogsProps): ReactNode {
  const t = useTexts(webhooks);
  const common = useCommon();
  const tell = useToast();
  const navigate = useNavigate();
  const rotate = useCommand('post', '/v1/webhook-endpoints/{id}/rotate-secret', everything);
  const enable = useCommand('post', '/v1/webhook-endpoints/{id}/enable', everything);
  const disable = useCommand('post', '/v1/webhook-endpoints/{id}/disable', everything);
  const remove = useCommand('delete', '/v1/webhook-endpoints/{id}', everything);
  const path = { id: endpoint.id };
  const name = nameOf(endpoint);
  const done = (title: string) => () => {
    tell({ title });
    onClose();
  };

  return (
    <>
      <Suspense fallback={null}>
        {drawer === 'edit' && <EndpointForm endpoint={endpoint} onSecret={onSecret} onClose={onClose} />}
        {drawer === 'test' && <TestDrawer endpoint={endpoint} onClose={onClose} />}
      </Suspense>
      <Confirm
        open={drawer === 'rotate'}
        title={t('rotateTitle', { name })}
        deed={t('doRotate')}
        needs="POST /v1/webhook-endpoints/{id}/rotate-secret"
        isBusy={rotate.isPending}
        error={rotate.error}
        onConfirm={() =>
          rotate.mutate(
            { path },
            {
              onSuccess: ({ secret }) => {
                onClose();
                onSecret(secret);
              },
            },
          )
        }
        onClose={onClose}
      >
        <Text>{t('rotateDetail')}</Text>
      </Confirm>
      <Confirm
        open={drawer === 'enable'}
        title={t('enableTitle', { name })}
        deed={t('doEnable')}
        needs="POST /v1/webhook-endpoints/{id}/enable"
        isBusy={enable.isPending}
        error={enable.error}
        onConfirm={() => enable.mutate({ path }, { onSuccess: done(t('isEnabled', { name })) })}
        onClose={onClose}
      >
        <Text>{t('enableDetail', { count: endpoint.undelivered })}</Text>
      </Confirm>
      <Confirm
        open={drawer === 'disable'}
        title={t('disableTitle', { name })}
        deed={t('doDisable')}
        needs="POST /v1/webhook-endpoints/{id}/disable"
        isBusy={disable.isPending}
        error={disable.error}
        onConfirm={() => disable.mutate({ path }, { onSuccess: done(t('isDisabled', { name })) })}
        onClose={onClose}
      >
        <Text>{t('disableDetail', { count: endpoint.pending })}</Text>
      </Confirm>
      <Confirm
        open={drawer === 'remove'}
        title={t('removeTitle', { name })}
        deed={common('remove')}
        needs="DELETE /v1/webhook-endpoints/{id}"
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(
            { path },
            {
              onSuccess: () => {
                tell({ title: t('isRemoved', { name }) });
                void navigate({ to: '/developers/webhooks' });
              },
            },
          )
        }
        onClose={onClose}
      >
        <Text>{t('removeDetail')}</Text>
      </Confirm>
    </>
  );
}
