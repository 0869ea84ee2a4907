import type { ReactNode } from 'react';
import { makeStyles, Text, Title3, tokens } from '@fluentui/react-components';
import { useConnectors } from '../../data/connectors.ts';
import { useList, useOne } from '../../data/queries.ts';
import { Copyable, ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { Empty } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts, type Fact } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import type { Account } from './account.ts';
import { accounts } from './texts.ts';

const useStyles = makeStyles({
  sides: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 24rem), 1fr))',
    gap: tokens.spacingHorizontalL,
  },
  side: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    minWidth: 0,
    padding: tokens.spacingHorizontalL,
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface SidesProps {
  account: Account;
  onLink: () => void;
}

/** The same customer as each side knows it: Ingram Micro's account, and the Work 365 account that it is. */
export function AccountSides({ account, onLink }: SidesProps): ReactNode {
  const t = useTexts(accounts);
  const styles = useStyles();
  return (
    <div className={styles.sides}>
      <section className={styles.side} aria-label={t('atIngram')}>
        <Title3 as="h2">{t('atIngram')}</Title3>
        <AtIngram account={account} />
      </section>
      <section className={styles.side} aria-label={t('atWork365')}>
        <Title3 as="h2">{t('atWork365')}</Title3>
        {account.tenantAccountId ? (
          <AtWork365 account={account} tenantAccountId={account.tenantAccountId} />
        ) : (
          <Empty title={t('notLinkedTitle')} detail={t('notLinkedDetail')}>
            <ActionButton
              appearance="primary"
              needs="PUT /v1/provider-accounts/{id}/link"
              label={t('linkTitle', { name: account.name })}
              onClick={onLink}
            >
              {t('doLink')}
            </ActionButton>
          </Empty>
        )}
      </section>
    </div>
  );
}

function AtIngram({ account }: { account: Account }): ReactNode {
  const t = useTexts(accounts);
  const common = useCommon();
  const format = formatOf(useLanguage());
  const word = useWord(accounts);
  const { nameOf } = useConnectors();
  const { address, customDomainCandidates: candidates } = account;
  const place = address && [
    [address.streetAddress, address.addressExtension].filter(Boolean).join(' '),
    [address.postalCode, address.city].filter(Boolean).join(' '),
    [address.state, address.countryCode].filter(Boolean).join(' '),
  ];
  const facts: Fact[] = [
    {
      term: t('number'),
      value: <Copyable label={t('number')} value={account.cmpAccountId} isLabelled={false} />,
    },
    {
      term: t('cmpStatus'),
      value: (
        <StatusBadge tone={account.status === 'active' && !account.goneAt ? 'good' : 'neutral'}>
          {account.goneAt ? t('closed') : word('status', account.status)}
        </StatusBadge>
      ),
    },
    { term: common('connector'), value: nameOf(account.connectorId) },
    { term: t('sync'), value: t(account.syncEnabled ? 'sync-on' : 'sync-off') },
    { term: t('domain'), value: <Domain account={account} /> },
    { term: t('candidates'), value: candidates.join(', ') || t('noCandidates') },
    { term: t('subscriptions'), value: format.number(account.liveSubscriptions) },
    {
      term: t('seats'),
      value: [
        format.number(account.seats),
        ...(account.unreadSubscriptions > 0 ? [t('unread', { count: account.unreadSubscriptions })] : []),
      ].join(' · '),
    },
    { term: t('contact'), value: account.contactName ?? common('dash') },
    { term: t('email'), value: account.email ?? common('dash') },
    { term: t('taxRegId'), value: account.taxRegId ?? common('dash') },
    { term: t('externalId'), value: account.externalId ?? common('dash') },
    { term: t('address'), value: place?.filter(Boolean).join(', ') || common('dash') },
    { term: t('asOf'), value: `${format.moment(account.asOf)} (${format.ago(account.asOf)})` },
  ];
  return <Facts facts={facts} />;
}

function AtWork365({ account, tenantAccountId }: { account: Account; tenantAccountId: string }): ReactNode {
  const t = useTexts(accounts);
  const common = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const asked = useOne('/v1/tenant-accounts/{id}', { path: { id: tenantAccountId } });
  const linked = useList('/v1/provider-accounts', { query: { tenantAccountId } });
  const others = linked.rows.filter(({ id }) => id !== account.id);
  const tenant = asked.data;
  const facts: Fact[] = [
    { term: common('name'), value: account.tenantAccountName ?? tenant?.name ?? common('dash') },
    { term: t('w365Id'), value: <Copyable label={t('w365Id')} value={tenantAccountId} isLabelled={false} /> },
    { term: t('domains'), value: tenant?.domains.join(', ') || common('dash') },
    { term: t('emails'), value: tenant?.emails.join(', ') || common('dash') },
    { term: t('taxRegId'), value: tenant?.taxRegId ?? common('dash') },
    { term: t('updated'), value: format.moment(tenant?.updatedAt) },
    {
      term: t('linkedSince'),
      value: account.linkedAt
        ? t('linkedBy', { who: account.linkedBy ?? common('dash'), at: format.moment(account.linkedAt) })
        : common('dash'),
    },
    {
      term: t('others'),
      value:
        others.length === 0 ? (
          common('none')
        ) : (
          <span className={styles.cell}>
            {others.map(({ id, name }) => (
              <PageLink key={id} to="/accounts/$id" params={{ id }}>
                {name}
              </PageLink>
            ))}
          </span>
        ),
    },
  ];
  return (
    <>
      <ProblemMessage error={asked.error ?? linked.error} onRetry={() => void asked.refetch()} />
      <Facts facts={facts} />
    </>
  );
}

/** The custom domain, where it comes from, and what disagrees with it. */
export function Domain({ account }: { account: Account }): ReactNode {
  const { customDomain, customDomainSource, customDomainConflicts } = account;
  const t = useTexts(accounts);
  const common = useCommon();
  const styles = useStyles();
  if (!customDomain && customDomainConflicts.length === 0) return common('dash');
  return (
    <span className={styles.cell}>
      <span>{customDomain ?? common('dash')}</span>
      {customDomainSource && (
        <Text size={200} className={styles.quiet}>
          {t(`domain-${customDomainSource}`)}
        </Text>
      )}
      {customDomainConflicts.length > 0 && (
        <StatusBadge tone="warning">
          {t('conflicts', { domains: customDomainConflicts.join(', ') })}
        </StatusBadge>
      )}
    </span>
  );
}
