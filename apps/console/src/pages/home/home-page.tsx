import { useState, type ReactNode } from 'react';
import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { useRouter } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useList, useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { Empty, useDelayed } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { ButtonLink, PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { RunBar, type AnyRun } from '../../parts/show/run-bar.tsx';
import { formatOf } from '../../texts/format.ts';
import { runs as runTexts } from '../../texts/runs.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { doneSteps, needsOf, setupSteps, type Need, type Overview, type SetupStep } from './needs.ts';
import { home } from './texts.ts';

const nothing = {};
const oneOnly = { query: { limit: 1 } } as const;
const running = { query: { status: 'running' } } as const;
const often = { every: 10_000 };
const dayMs = 86_400_000;

const useStyles = makeStyles({
  columns: {
    display: 'grid',
    gap: tokens.spacingHorizontalXXL,
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(22rem, 100%), 1fr))',
    alignItems: 'start',
  },
  section: {
    display: 'grid',
    gap: tokens.spacingVerticalS,
    gridTemplateColumns: 'minmax(0, 1fr)',
    alignContent: 'start',
  },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid' },
  row: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    alignItems: 'center',
    minHeight: '2.75rem',
    paddingBlock: tokens.spacingVerticalXS,
    borderBottomWidth: '1px',
    borderBottomStyle: 'solid',
    borderBottomColor: tokens.colorNeutralStroke2,
    overflowWrap: 'anywhere',
  },
  end: { marginInlineStart: 'auto' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** Where the day begins: what waits for somebody, what goes on, how fresh everything is. */
export function HomePage(): ReactNode {
  const t = useTexts(home);
  const common = useCommon();
  const styles = useStyles();
  const { data: overview, error, refetch, isPending } = useOne('/v1/overview', nothing, often);
  const isSlow = useDelayed(isPending);
  if (!overview)
    return (
      <Page title={t('title')}>
        <ProblemMessage error={error} onRetry={() => void refetch()} />
        {isSlow && !error && <Text role="status">{common('loading')}</Text>}
      </Page>
    );
  if (overview.connectors?.length === 0)
    return (
      <Page title={t('title')}>
        <Empty title={t('connectTitle')} detail={t('connectDetail')}>
          <ButtonLink to="/admin/hub/integrations" search={{ drawer: 'create' }} appearance="primary">
            {t('connect')}
          </ButtonLink>
        </Empty>
      </Page>
    );
  return (
    <Page title={t('title')}>
      <ProblemMessage error={error} onRetry={() => void refetch()} />
      {overview.unavailable.length > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t('unknown')}</MessageBarTitle>
            {t('unknownDetail', { services: overview.unavailable.join(', ') })}
          </MessageBarBody>
        </MessageBar>
      )}
      <Setup />
      <div className={styles.columns}>
        <Needs overview={overview} />
        <Freshness overview={overview} />
        <GoingOn overview={overview} />
        <Renewals overview={overview} />
      </div>
    </Page>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const styles = useStyles();
  return (
    <section className={styles.section} aria-label={title}>
      <Title3 as="h2">{title}</Title3>
      {children}
    </section>
  );
}

function Needs({ overview }: { overview: Overview }): ReactNode {
  const t = useTexts(home);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const { data: orders } = useOne('/v1/orders/counts', nothing, often);
  const needs = needsOf(overview, orders);
  const isNew = useIsNew();
  const isUnread = overview.connectors?.some(({ asOf, status }) => asOf === null && status !== 'paused');
  return (
    <Section title={t('needs')}>
      {needs.length === 0 ? (
        overview.unavailable.length === 0 &&
        isNew !== undefined &&
        (isNew || isUnread ? (
          <Empty title={t(isNew ? 'setupFirst' : 'readFirst')} />
        ) : (
          <Empty title={t('nobody')} detail={t('nobodyDetail', { time: format.time(overview.asOf) })} />
        ))
      ) : (
        <ul className={styles.list}>
          {needs.map((need) => (
            <NeedRow key={need.kind} need={need} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function NeedRow({ need }: { need: Need }): ReactNode {
  const { kind, count, oldestAt, subscriptions, isUrgent, href } = need;
  const t = useTexts(home);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const { routesByPath } = useRouter();
  const [path = '/', query] = href.split('?');
  const says = t(`need-${kind}`, { count });
  return (
    <li className={styles.row}>
      {/* There is not a page for everything that can wait. */}
      {path in routesByPath ? (
        <PageLink
          to={path as '/orders'}
          search={Object.fromEntries(new URLSearchParams(query)) as { tab?: 'attention' }}
        >
          {says}
        </PageLink>
      ) : (
        <Text>{says}</Text>
      )}
      {isUrgent && <StatusBadge tone="bad">{t('urgent')}</StatusBadge>}
      <Text size={200} className={styles.quiet}>
        {oldestAt
          ? t('oldest', { ago: format.ago(oldestAt) })
          : subscriptions
            ? t('subscriptionsWait', { count: subscriptions })
            : ''}
      </Text>
    </li>
  );
}

function Freshness({ overview: { connectors } }: { overview: Overview }): ReactNode {
  const t = useTexts(home);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const { chosen } = useConnectors();
  if (!connectors) return null;
  return (
    <Section title={t('freshness')}>
      <Text className={styles.quiet}>{t('freshnessDetail')}</Text>
      <ul className={styles.list}>
        {connectors
          .filter(({ id }) => !chosen || id === chosen)
          .map(({ id, name, status, asOf }) => (
            <li key={id} className={styles.row}>
              <Text weight="semibold">{name}</Text>
              {status === 'paused' ? (
                <>
                  <StatusBadge tone="warning">{t('paused')}</StatusBadge>
                  <PageLink to="/admin/hub/integrations" search={{ marked: id }}>
                    {t('fix')}
                  </PageLink>
                </>
              ) : (
                <Age asOf={asOf} />
              )}
              <Text className={styles.end} title={format.moment(asOf)}>
                {asOf ? format.ago(asOf) : ''}
              </Text>
            </li>
          ))}
      </ul>
    </Section>
  );
}

function Age({ asOf }: { asOf: string | null }): ReactNode {
  const t = useTexts(home);
  if (asOf === null)
    return (
      <>
        <StatusBadge tone="neutral">{t('never')}</StatusBadge>
        <PageLink to="/sync-runs" search={{ drawer: 'start' }}>
          {t('readNow')}
        </PageLink>
      </>
    );
  const isFresh = Date.now() - Date.parse(asOf) < dayMs;
  return <StatusBadge tone={isFresh ? 'good' : 'warning'}>{t(isFresh ? 'fresh' : 'old')}</StatusBadge>;
}

/** Sync runs in progress, and how many orders are open. */
function GoingOn({ overview: { orders } }: { overview: Overview }): ReactNode {
  const t = useTexts(home);
  const word = useWord(runTexts);
  const styles = useStyles();
  const { nameOf } = useConnectors();
  const account = useList('/v1/sync-runs', running, often);
  const catalog = useList('/v1/catalog-syncs', running, often);
  const rows: { kind: 'account' | 'catalog'; run: AnyRun }[] = [
    ...account.rows.map((run) => ({ kind: 'account' as const, run })),
    ...catalog.rows.map((run) => ({ kind: 'catalog' as const, run })),
  ];
  return (
    <Section title={t('running')}>
      <ul className={styles.list}>
        {rows.map(({ kind, run }) => (
          <li key={run.id} className={styles.row}>
            <PageLink to="/sync-runs/$kind/$id" params={{ kind, id: run.id }}>
              {kind === 'catalog' ? t('catalogRun') : word('scope', run.scope)}
            </PageLink>
            <Text>{nameOf(run.connectorId)}</Text>
            <RunBar run={run} />
          </li>
        ))}
        {rows.length === 0 && !account.isLoading && <li className={styles.row}>{t('noRuns')}</li>}
        {orders && (
          <li className={styles.row}>
            <PageLink to="/orders" search={{ tab: 'open' }}>
              {t('openOrders', { count: orders.open })}
            </PageLink>
          </li>
        )}
      </ul>
    </Section>
  );
}

function Renewals({ overview: { renewals } }: { overview: Overview }): ReactNode {
  const t = useTexts(home);
  const styles = useStyles();
  const [until] = useState(() => new Date(Math.ceil((Date.now() + 7 * dayMs) / 3_600_000) * 3_600_000));
  const { data: windows } = useOne('/v1/subscriptions/windows', {
    query: { closingBefore: until.toISOString() },
  });
  if (!renewals) return null;
  const within = { 7: renewals.in7Days, 30: renewals.in30Days, 90: renewals.in90Days };
  return (
    <Section title={t('renewals')}>
      <ul className={styles.list}>
        {(['7', '30', '90'] as const).map((tab) => (
          <li key={tab} className={styles.row}>
            <PageLink to="/renewals" search={{ tab }}>
              {t('renewalsOf', { count: within[tab], within: t(`renewals-${tab}`) })}
            </PageLink>
          </li>
        ))}
        {windows && (
          <li className={styles.row}>
            <PageLink to="/renewals" search={{ tab: 'windows' }}>
              {t('windows', { count: windows.length })}
            </PageLink>
          </li>
        )}
      </ul>
    </Section>
  );
}

/** Whether there is no contract yet; undefined while that is not known. */
function useIsNew(): boolean | undefined {
  const { data: contracts } = useOne('/v1/billing-contracts', oneOnly);
  return contracts && contracts.data.length === 0;
}

/** The way to the first contract; gone once there is one. */
function Setup(): ReactNode {
  const t = useTexts(home);
  const styles = useStyles();
  const isNew = useIsNew() ?? false;
  const { data: accounts } = useOne('/v1/provider-accounts/counts', nothing, { enabled: isNew, ...often });
  const { rows: connectors } = useList('/v1/connectors', nothing, { enabled: isNew, ...often });
  if (!isNew || !accounts) return null;
  const done = doneSteps({ connectors: connectors.map(verificationOf), accounts, contracts: 0 });
  const next = setupSteps.find((step) => !done.has(step));
  return (
    <Section title={t('setup')}>
      <Text>{t('setupDetail', { done: done.size, total: setupSteps.length })}</Text>
      <ol className={styles.list}>
        {setupSteps.map((step) => (
          <li key={step} className={styles.row}>
            {step === next ? <StepLink step={step} /> : <Text>{t(`step-${step}`)}</Text>}
            {done.has(step) && <StatusBadge tone="good">{t('done')}</StatusBadge>}
          </li>
        ))}
      </ol>
    </Section>
  );
}

const verificationOf = ({ verification }: Connector): { verification: { ok: boolean } | null } => ({
  verification: verification && { ok: verification.steps.every(({ ok }) => ok) },
});

function StepLink({ step }: { step: SetupStep }): ReactNode {
  const t = useTexts(home);
  const isInHub = step === 'connect' || step === 'verify' || step === 'sync';
  return isInHub ? (
    <ButtonLink to="/admin/hub/integrations">{t(`step-${step}`)}</ButtonLink>
  ) : (
    <ButtonLink to="/accounts" search={{ tab: step === 'link' ? 'unlinked' : 'no-contract' }}>
      {t(`step-${step}`)}
    </ButtonLink>
  );
}
