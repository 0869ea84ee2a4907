import type { ReactNode } from 'react';
import {
  Button,
  DrawerBody,
  DrawerFooter,
  makeStyles,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import type { Answer, Operation } from '@isthmus/sdk';
import { useCommand, useOne } from '../../data/queries.ts';
import { Copyable, ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { Code } from '../../parts/show/code.tsx';
import { DeliveryBadge } from '../../parts/show/delivery-badge.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { webhooks } from './texts.ts';

type Attempt = Answer<Operation<'get', '/v1/deliveries/{id}'>>['log'][number];

const useStyles = makeStyles({
  body: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    gridTemplateColumns: 'minmax(0, 1fr)',
    overflowWrap: 'anywhere',
    paddingBottom: tokens.spacingVerticalL,
  },
  log: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: tokens.spacingVerticalL },
  attempt: { display: 'grid', gap: tokens.spacingVerticalXS, gridTemplateColumns: 'minmax(0, 1fr)' },
  head: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

interface DeliveryDrawerProps {
  id: string;
  /** Why nothing can be sent to its endpoint. */
  isOff: string | undefined;
  onClose: () => void;
}

/** One delivery: every attempt with what was sent and what came back. */
export default function DeliveryDrawer({ id, isOff, onClose }: DeliveryDrawerProps): ReactNode {
  const t = useTexts(webhooks);
  const common = useCommon();
  const styles = useStyles();
  const tell = useToast();
  const format = formatOf(useLanguage());
  const delivery = useOne('/v1/deliveries/{id}', { path: { id } }, { every: 5_000 });
  const resend = useCommand('post', '/v1/deliveries/{id}/resend', {
    changes: ['/v1/deliveries', '/v1/webhook-endpoints', '/v1/events'],
    onDone: () => tell({ title: t('isResent') }),
  });
  const { data } = delivery;
  return (
    <SideDrawer title={t('delivery')} size="large" onClose={onClose}>
      <DrawerBody>
        <div className={styles.body}>
          <ProblemMessage error={resend.error ?? delivery.error} />
          {data && (
            <>
              <Facts
                facts={[
                  {
                    term: common('status'),
                    value: <DeliveryBadge status={data.status} />,
                  },
                  { term: t('eventType'), value: <code>{data.eventType}</code> },
                  { term: t('subject'), value: <code>{data.subject}</code> },
                  { term: t('attempts'), value: format.number(data.attempts) },
                  { term: t('made'), value: format.moment(data.createdAt) },
                  { term: t('next'), value: format.moment(data.nextAttemptAt) },
                ]}
              />
              <Copyable label={t('webhookId')} value={data.eventId} />
              <PageLink to="/developers/events" search={{ drawer: 'event', id: data.eventId }}>
                {t('toEvent')}
              </PageLink>
              <Title3 as="h3">{t('attemptLog')}</Title3>
              {data.log.length === 0 && <Text>{t('noAttempt')}</Text>}
              <ol className={styles.log}>
                {data.log.map((attempt) => (
                  <li key={attempt.number}>
                    <AttemptView attempt={attempt} />
                  </li>
                ))}
              </ol>
              <Title3 as="h3">{t('requestBody')}</Title3>
              <Code label={t('requestBody')} value={JSON.parse(data.body)} />
            </>
          )}
        </div>
      </DrawerBody>
      <DrawerFooter>
        <ActionButton
          appearance="primary"
          needs="POST /v1/deliveries/{id}/resend"
          reason={isOff}
          isBusy={resend.isPending}
          disabled={!data}
          onClick={() => resend.mutate({ path: { id } })}
        >
          {t('resend')}
        </ActionButton>
        <Button onClick={onClose}>{common('close')}</Button>
      </DrawerFooter>
    </SideDrawer>
  );
}

function AttemptView({ attempt }: { attempt: Attempt }): ReactNode {
  const { number, at, status, error, durationMs, requestHeaders, responseHead } = attempt;
  const t = useTexts(webhooks);
  const common = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const isGood = status !== null && status >= 200 && status < 300;
  return (
    <div className={styles.attempt}>
      <div className={styles.head}>
        <Text weight="semibold">{t('attemptNumber', { number })}</Text>
        <StatusBadge tone={isGood ? 'good' : 'bad'}>{error ?? status ?? common('dash')}</StatusBadge>
        <Text>{t('took', { time: format.moment(at), ms: format.number(durationMs) })}</Text>
      </div>
      <Code label={t('headersOf', { number })} value={requestHeaders} />
      {responseHead && <Code label={t('responseOf', { number })} value={responseHead} />}
    </div>
  );
}
