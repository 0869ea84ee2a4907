import { useState, type ReactNode } from 'react';
import { Checkbox, Spinner, Text } from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { useCommand, useOne } from '../../data/queries.ts';
import { Confirm } from '../../parts/feedback/confirm.tsx';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { Facts } from '../../parts/show/page.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { integrations } from './texts.ts';

const dependents = [
  'accounts',
  'links',
  'contracts',
  'liveSubscriptions',
  'scheduledChanges',
  'openRuns',
  'products',
  'mappings',
  'apiKeys',
] as const;

/** Removes a connector: first shows what ends with it. */
export default function RemoveDialog({
  connector,
  onClose,
}: {
  connector: Connector;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(integrations);
  const common = useCommon();
  const tell = useToast();
  const [isAgreed, setAgreed] = useState(false);
  const preview = useOne('/v1/connectors/{id}/removal', { path: { id: connector.id } });
  const remove = useCommand('delete', '/v1/connectors/{id}', {
    changes: ['/v1/connectors', '/v1/provider-accounts'],
    onDone: () => {
      tell({ title: t('removed', { name: connector.name }) });
      onClose();
    },
  });
  const { needs, openOrders } = preview.data ?? {};
  const isAsked = needs === 'confirm' || needs === 'force';
  const counted = (value: number | null): string => (value === null ? t('notCounted') : String(value));
  return (
    <Confirm
      open
      title={t('removeTitle', { name: connector.name })}
      deed={common('remove')}
      needs="DELETE /v1/connectors/{id}"
      isBusy={remove.isPending}
      isDisabled={!preview.data || (isAsked && !isAgreed)}
      error={remove.error}
      onConfirm={() =>
        remove.mutate({
          path: { id: connector.id },
          query: { ...(isAsked && { confirm: true }), ...(needs === 'force' && { force: true }) },
        })
      }
      onClose={onClose}
    >
      <Text as="p">{t('removeDetail')}</Text>
      {preview.isPending && <Spinner label={common('loading')} />}
      <ProblemMessage error={preview.error} onRetry={() => void preview.refetch()} />
      {preview.data && (
        <>
          <Facts
            facts={[
              ...dependents.map((name) => ({
                term: t(`depends-${name}`),
                value: counted(preview.data[name]),
              })),
              {
                term: t('depends-openOrders'),
                value: openOrders
                  ? String(Object.values(openOrders).reduce((sum, count) => sum + count, 0))
                  : t('notCounted'),
              },
            ]}
          />
          {isAsked && (
            <Checkbox
              label={t(needs === 'force' ? 'removeForce' : 'removeConfirm')}
              checked={isAgreed}
              onChange={(_, { checked }) => setAgreed(checked === true)}
            />
          )}
        </>
      )}
    </Confirm>
  );
}
