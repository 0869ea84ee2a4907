import { lazy, Suspense, useState, type ReactNode } from 'react';
import { MessageBar, MessageBarBody, MessageBarTitle, Text, Title3 } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { useConnectors } from '../../data/connectors.ts';
import { useFollowed } from '../../data/follow.ts';
import { useCommand, useList, useOne } from '../../data/queries.ts';
import { Confirm } from '../../parts/feedback/confirm.tsx';
import { Copyable, ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts, Page } from '../../parts/show/page.tsx';
import { isOpen, RunBar, RunCounts, RunStatus, type AnyRun } from '../../parts/show/run-bar.tsx';
import { who } from '../../parts/show/texts.ts';
import { formatOf } from '../../texts/format.ts';
import { runs } from '../../texts/runs.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { syncRuns } from './texts.ts';

// With the words for all that can be in a record.
const Records = lazy(() => import('./run-records.tsx'));

const route = getRouteApi('/sync-runs/$kind/$id');

/** One run: how far it is while it goes on, then what came of it, record by record. */
export function SyncRunPage(): ReactNode {
  const { kind, id } = route.useParams();
  return kind === 'catalog' ? <CatalogRun id={id} /> : <AccountRun id={id} />;
}

function AccountRun({ id }: { id: string }): ReactNode {
  const input = { path: { id } };
  const run = useOne('/v1/sync-runs/{id}', input);
  const { now } = useFollowed('/v1/sync-runs', run.data && isOpen(run.data) ? id : undefined);
  const { result } = route.useSearch();
  const records = useList('/v1/sync-runs/{id}/records', { ...input, query: result ? { result } : {} });
  const changes = { changes: ['/v1/sync-runs'] };
  const cancel = useCommand('post', '/v1/sync-runs/{id}/cancel', changes);
  const approve = useCommand('post', '/v1/sync-runs/{id}/approve', changes);
  const apply = useCommand('post', '/v1/sync-runs/{id}/apply', changes);
  return (
    <Run
      kind="account"
      run={now ?? run.data}
      error={run.error}
      onRetry={() => void run.refetch()}
      records={<Records list={records as never} />}
      cancel={() => cancel.mutateAsync(input)}
      approve={() => approve.mutateAsync(input)}
      apply={() => apply.mutateAsync(input)}
    />
  );
}

function CatalogRun({ id }: { id: string }): ReactNode {
  const input = { path: { id } };
  const run = useOne('/v1/catalog-syncs/{id}', input);
  const { now } = useFollowed('/v1/catalog-syncs', run.data && isOpen(run.data) ? id : undefined);
  const { result } = route.useSearch();
  const records = useList('/v1/catalog-syncs/{id}/records', { ...input, query: result ? { result } : {} });
  const changes = { changes: ['/v1/catalog-syncs'] };
  const cancel = useCommand('post', '/v1/catalog-syncs/{id}/cancel', changes);
  const approve = useCommand('post', '/v1/catalog-syncs/{id}/approve', changes);
  const apply = useCommand('post', '/v1/catalog-syncs/{id}/apply', changes);
  return (
    <Run
      kind="catalog"
      run={now ?? run.data}
      error={run.error}
      onRetry={() => void run.refetch()}
      records={<Records list={records as never} />}
      cancel={() => cancel.mutateAsync(input)}
      approve={() => approve.mutateAsync(input)}
      apply={() => apply.mutateAsync(input)}
    />
  );
}

interface RunProps {
  kind: 'account' | 'catalog';
  run: AnyRun | undefined;
  error: Error | null;
  onRetry: () => void;
  records: ReactNode;
  cancel: () => Promise<unknown>;
  approve: () => Promise<unknown>;
  apply: () => Promise<{ id: string }>;
}

function Run({ kind, run, error, onRetry, records, cancel, approve, apply }: RunProps): ReactNode {
  const t = useTexts(syncRuns);
  const word = useWord(runs);
  const tell = useToast();
  const navigate = route.useNavigate();
  const { nameOf: connectorName } = useConnectors();
  const [asked, setAsked] = useState<'cancel' | 'approve'>();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const prefix = kind === 'catalog' ? ('catalog-syncs' as const) : ('sync-runs' as const);

  if (!run)
    return (
      <Page title={t('title')}>
        <ProblemMessage error={error} onRetry={onRetry} />
      </Page>
    );

  const act = async (deed: () => Promise<unknown>, done: string): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      await deed();
      setAsked(undefined);
      tell({ title: done });
    } catch (problem) {
      setFailure(problem as Error);
    } finally {
      setBusy(false);
    }
  };
  const applyPlan = async (): Promise<void> => {
    const { id } = await apply();
    void navigate({ to: '/sync-runs/$kind/$id', params: { kind, id } });
  };
  const isHeld = run.status === 'awaiting-approval';
  const isPlan = !run.apply && run.status === 'succeeded';
  const scope = kind === 'catalog' ? t('kind-catalog') : word('scope', run.scope);
  return (
    <Page
      title={t('runTitle', { scope, connector: connectorName(run.connectorId) })}
      actions={
        <>
          {isHeld && (
            <ActionButton
              appearance="primary"
              needs={`POST /v1/${prefix}/{id}/approve`}
              onClick={() => setAsked('approve')}
            >
              {t('approve')}
            </ActionButton>
          )}
          {isPlan && (
            <ActionButton
              appearance="primary"
              needs={`POST /v1/${prefix}/{id}/apply`}
              isBusy={isBusy}
              onClick={() => void act(applyPlan, t('startedNow'))}
            >
              {t('applyPlan')}
            </ActionButton>
          )}
          <ActionButton
            needs={`POST /v1/${prefix}/{id}/cancel`}
            reason={isOpen(run) ? undefined : t('notOpen')}
            onClick={() => setAsked('cancel')}
          >
            {isHeld ? t('reject') : t('cancel')}
          </ActionButton>
        </>
      }
    >
      <PageLink to="/sync-runs" search={{ kind }}>
        {t('back')}
      </PageLink>
      <ProblemMessage error={error ?? (asked ? undefined : failure)} onRetry={error ? onRetry : undefined} />
      <RunState run={run} />
      <RunFacts run={run} />
      <Title3 as="h2">{t('records')}</Title3>
      <Suspense fallback={null}>{records}</Suspense>
      <Confirm
        open={asked === 'cancel'}
        title={t('cancelTitle')}
        deed={isHeld ? t('reject') : t('cancel')}
        needs={`POST /v1/${prefix}/{id}/cancel`}
        isBusy={isBusy}
        error={failure ?? null}
        onConfirm={() => void act(cancel, t('cancelAsked'))}
        onClose={() => setAsked(undefined)}
      >
        <Text>{t('cancelDetail')}</Text>
      </Confirm>
      <Confirm
        open={asked === 'approve'}
        title={t('approveTitle')}
        deed={t('approve')}
        needs={`POST /v1/${prefix}/{id}/approve`}
        isBusy={isBusy}
        error={failure ?? null}
        onConfirm={() => void act(approve, t('startedNow'))}
        onClose={() => setAsked(undefined)}
      >
        <Text>{t('approveDetail', { end: run.breaker?.end ?? 0, of: run.breaker?.of ?? 0 })}</Text>
      </Confirm>
    </Page>
  );
}

const quietAfterMs = 60_000;

/** Its bar, and what a person should know about it: held, failed, only a plan, or silent for too long. */
function RunState({ run }: { run: AnyRun }): ReactNode {
  const t = useTexts(syncRuns);
  const common = useCommon();
  const format = formatOf(useLanguage());
  const { status, breaker, failure, attempts, apply, heartbeatAt } = run;
  const silentMs = heartbeatAt && status === 'running' ? Date.now() - Date.parse(heartbeatAt) : 0;
  return (
    <>
      {isOpen(run) ? (
        <RunBar run={run} />
      ) : (
        <div>
          <RunStatus run={run} />
        </div>
      )}
      {silentMs > quietAfterMs && (
        <MessageBar intent="warning">
          <MessageBarBody>{t('quiet', { time: format.duration(silentMs / 1000) })}</MessageBarBody>
        </MessageBar>
      )}
      {status === 'awaiting-approval' && breaker && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            {t('held', { end: breaker.end, of: breaker.of, limit: breaker.limit })}
          </MessageBarBody>
        </MessageBar>
      )}
      {!apply && (
        <MessageBar>
          <MessageBarBody>{t('plan')}</MessageBarBody>
        </MessageBar>
      )}
      {failure && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{forPeople(failure.detail)}</MessageBarTitle>
            {`${forPeople(failure.nextStep)} (${t('failureAttempts', { count: attempts })}) `}
            {failure.correlationId && (
              <Copyable label={common('correlationId')} value={failure.correlationId} />
            )}
          </MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}

function RunFacts({ run }: { run: AnyRun }): ReactNode {
  const t = useTexts(syncRuns);
  const common = useCommon();
  const word = useWord(runs);
  const by = useWord(who);
  const format = formatOf(useLanguage());
  const { depth, trigger, requestedBy, createdAt, startedAt, finishedAt, heartbeatAt, complete, waiting } =
    run;
  const end = finishedAt ? Date.parse(finishedAt) : Date.now();
  return (
    <Facts
      facts={[
        { term: t('depth'), value: word('depth', depth) },
        { term: t('trigger'), value: word('trigger', trigger) },
        { term: t('startedBy'), value: by('by', requestedBy) },
        { term: t('started'), value: format.moment(createdAt) },
        {
          term: t('duration'),
          value: startedAt ? format.duration((end - Date.parse(startedAt)) / 1000) : common('dash'),
        },
        ...(isOpen(run) ? [{ term: t('heartbeat'), value: format.ago(heartbeatAt) }] : []),
        { term: t('calls'), value: format.number(run.counts.calls) },
        {
          term: t(depth === 'incremental' ? 'completeChanges' : 'complete'),
          value: complete === null ? common('dash') : complete ? common('yes') : common('no'),
        },
        ...(waiting
          ? [{ term: t('waitsFor'), value: `${forPeople(waiting.reason)} ${format.moment(waiting.until)}` }]
          : []),
        { term: t('result'), value: <RunCounts run={run} of={run.scope} />, isWide: true },
      ]}
    />
  );
}
