import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Text,
} from '@fluentui/react-components';
import type { Connector, Operation, Row } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { useCommand, useList } from '../../data/queries.ts';
import { Confirm } from '../../parts/feedback/confirm.tsx';
import { Copyable } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import type { IssuedKey } from './issue-key-drawer.tsx';
import { connectorTexts } from './texts.ts';

const IssueKeyDrawer = lazy(() => import('./issue-key-drawer.tsx'));

type ApiKey = Row<Operation<'get', '/v1/connectors/{id}/api-keys'>>;
const route = getRouteApi('/admin/hub/integrations/$id');
const keyOf = ({ id }: ApiKey): string => id;
const nameOf = ({ label }: ApiKey): string => label;
const soonMs = 30 * 86_400_000;

/** The keys with which Work 365 speaks for the connector. A key itself is shown once, when it is issued. */
export default function KeysTab({ connector: { id } }: { connector: Connector }): ReactNode {
  const t = useTexts(connectorTexts);
  const format = formatOf(useLanguage());
  const tell = useToast();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useList('/v1/connectors/{id}/api-keys', { path: { id } });
  const [issued, setIssued] = useState<IssuedKey>();
  const [revoking, setRevoking] = useState<ApiKey>();
  const revoke = useCommand('delete', '/v1/connectors/{id}/api-keys/{keyId}', {
    changes: ['/v1/connectors'],
  });

  const open = (drawer: 'issue' | undefined): void =>
    void navigate({ search: (before) => ({ ...before, drawer }) });
  const actionsFor = (key: ApiKey): RowAction[] => [
    {
      label: t('revoke'),
      needs: 'DELETE /v1/connectors/{id}/api-keys/{keyId}',
      onClick: () => setRevoking(key),
    },
  ];
  const columns = useMemo<Column<ApiKey>[]>(
    () => [
      { id: 'label', header: t('keyLabel'), cell: ({ label }) => <Text weight="semibold">{label}</Text> },
      { id: 'prefix', header: t('keyPrefix'), cell: ({ prefix }) => <code>{`${prefix}…`}</code> },
      {
        id: 'created',
        header: t('keyIssued'),
        cell: ({ createdBy, createdAt }) => t('byAt', { by: createdBy, at: format.moment(createdAt) }),
      },
      {
        id: 'used',
        header: t('keyUsed'),
        cell: ({ lastUsedAt }) => (lastUsedAt ? format.ago(lastUsedAt) : t('neverUsed')),
      },
      { id: 'expires', header: t('keyExpires'), cell: ({ expiresAt }) => <Expiry at={expiresAt} /> },
    ],
    [t, format],
  );
  const issueButton = (
    <ActionButton
      appearance="primary"
      needs="POST /v1/connectors/{id}/api-keys"
      onClick={() => open('issue')}
    >
      {t('issue')}
    </ActionButton>
  );
  return (
    <>
      {list.rows.length > 0 && <div>{issueButton}</div>}
      {issued && (
        <MessageBar intent="success" layout="multiline" role="status">
          <MessageBarBody>
            <MessageBarTitle>{t('issuedTitle', { label: issued.label })}</MessageBarTitle>
            {t('issuedOnce')} <Copyable label={t('key')} value={issued.key} />
          </MessageBarBody>
          <MessageBarActions>
            <Button onClick={() => setIssued(undefined)}>{t('stored')}</Button>
          </MessageBarActions>
        </MessageBar>
      )}
      <DataList
        label={t('tab-keys')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        actions={actionsFor}
        marked={issued?.id}
        csv={false}
        empty={
          <Empty title={t('noKeys')} detail={t('noKeysDetail')}>
            {issueButton}
          </Empty>
        }
      />
      <Suspense fallback={null}>
        {search.drawer === 'issue' && (
          <IssueKeyDrawer connectorId={id} onIssued={setIssued} onClose={() => open(undefined)} />
        )}
      </Suspense>
      <Confirm
        open={revoking !== undefined}
        title={t('revokeTitle', { label: revoking?.label })}
        deed={t('revokeDeed')}
        needs="DELETE /v1/connectors/{id}/api-keys/{keyId}"
        isBusy={revoke.isPending}
        error={revoke.error}
        onConfirm={() =>
          revoking &&
          revoke.mutate(
            { path: { id, keyId: revoking.id } },
            {
              onSuccess: () => {
                if (issued?.id === revoking.id) setIssued(undefined);
                tell({ title: t('revoked', { label: revoking.label }) });
                setRevoking(undefined);
              },
            },
          )
        }
        onClose={() => {
          setRevoking(undefined);
          revoke.reset();
        }}
      >
        <Text>
          {t('revokeDetail')}{' '}
          {revoking?.lastUsedAt ? t('usedLast', { ago: format.ago(revoking.lastUsedAt) }) : t('neverUsed')}
        </Text>
      </Confirm>
    </>
  );
}

function Expiry({ at }: { at: string | null }): ReactNode {
  const t = useTexts(connectorTexts);
  const format = formatOf(useLanguage());
  if (!at) return t('noExpiry');
  const left = Date.parse(at) - Date.now();
  if (left <= 0) return <StatusBadge tone="bad">{t('expired', { ago: format.ago(at) })}</StatusBadge>;
  const text = `${format.moment(at)} (${format.ago(at)})`;
  return left < soonMs ? <StatusBadge tone="warning">{text}</StatusBadge> : text;
}
