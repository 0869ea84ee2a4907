import type { ReactNode } from 'react';
import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useConnectors } from '../../data/connectors.ts';
import { useOne } from '../../data/queries.ts';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { Copyable, ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { Empty } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts, Page } from '../../parts/show/page.tsx';
import { useReadAgain } from '../../parts/subscription/read-again.tsx';
import { unread } from '../../parts/subscription/texts.ts';
import { UnconfirmedSeats, UnreadHint } from '../../parts/subscription/unread-list.tsx';
import { formatOf } from '../../texts/format.ts';
import { subscriptions } from '../../texts/subscriptions.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';

const soon = { every: 5_000 };

interface UnreadPageProps {
  id: string;
  /** Why it is not known as agreed. */
  error: Error;
  onRetry: () => void;
}

/** One subscription that Ingram Micro lists and that has not been read: what is known, and why nothing can be ordered for it. */
export default function UnreadPage({ id, error, onRetry }: UnreadPageProps): ReactNode {
  const t = useTexts(unread);
  const say = useTexts(subscriptions);
  const common = useCommon();
  const word = useWord(subscriptions);
  const format = formatOf(useLanguage());
  const { nameOf } = useConnectors();
  const { isStarting, start } = useReadAgain();
  const { data: one, isFetched } = useOne('/v1/provider-subscriptions/{id}', { path: { id } }, soon);
  if (!isFetched) return null;
  if (!one || one.lines !== null)
    return (
      <Page title={say('subscription')}>
        <PageLink to="/subscriptions">{say('back')}</PageLink>
        {one ? <ProblemMessage error={error} onRetry={onRetry} /> : <Empty title={say('noSuch')} />}
      </Page>
    );
  return (
    <Page
      title={one.name}
      actions={
        <>
          <ActionButton
            appearance="primary"
            needs="POST /v1/sync-runs"
            isBusy={isStarting}
            onClick={() => start(one)}
          >
            {t('readNow')}
          </ActionButton>
          <ActionButton needs="POST /v1/orders" reason={t('noOrder')}>
            {say('changeSeats')}
          </ActionButton>
          <ActionButton needs="POST /v1/orders" reason={t('noOrder')}>
            {say('cancel')}
          </ActionButton>
        </>
      }
    >
      <PageLink to="/subscriptions" search={{ tab: 'unread' }}>
        {t('title')}
      </PageLink>
      <UnreadHint />
      {one.detailFailure && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{say('detailFailed', { reason: forPeople(one.detailFailure) })}</MessageBarBody>
        </MessageBar>
      )}
      <Facts
        facts={[
          {
            term: common('status'),
            value: (
              <StatusBadge tone={one.status === 'active' ? 'good' : 'neutral'}>
                {word('status', one.status)}
              </StatusBadge>
            ),
          },
          {
            term: say('account'),
            value: (
              <PageLink to="/accounts/$id" params={{ id: one.providerAccountId }}>
                {one.cmpAccountId}
              </PageLink>
            ),
          },
          { term: common('connector'), value: nameOf(one.connectorId) },
          { term: say('seats'), value: <UnconfirmedSeats seats={one.seats} /> },
          { term: say('renewal'), value: format.day(one.renewalDate) },
          { term: say('expires'), value: format.day(one.expirationDate) },
          {
            term: say('cmpId'),
            value: <Copyable label={say('cmpId')} value={one.cmpSubscriptionId} isLabelled={false} />,
          },
          { term: say('asOf'), value: `${format.moment(one.asOf)} (${format.ago(one.asOf)})` },
        ]}
      />
    </Page>
  );
}
