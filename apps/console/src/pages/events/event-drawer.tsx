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
import { useOne } from '../../data/queries.ts';
import { useMe } from '../../data/session.tsx';
import { Copyable, ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { Code } from '../../parts/show/code.tsx';
import { DeliveryBadge } from '../../parts/show/delivery-badge.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { shortType } from './event-filters.ts';
import { events } from './texts.ts';

const useStyles = makeStyles({
  body: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    gridTemplateColumns: 'minmax(0, 1fr)',
    paddingBottom: tokens.spacingVerticalL,
  },
  list: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', gap: tokens.spacingVerticalS },
  item: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, overflowWrap: 'anywhere' },
  footer: { flexWrap: 'wrap' },
});

interface EventDrawerProps {
  id: string;
  onReplay: () => void;
  onClose: () => void;
}

/** One event: the envelope, what it says, who was told of it, and the trace of what caused it. */
export default function EventDrawer({ id, onReplay, onClose }: EventDrawerProps): ReactNode {
  const t = useTexts(events);
  const common = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const { traceUrlTemplate } = useMe();
  const event = useOne('/v1/events/{id}', { path: { id } });
  const { data } = event;
  return (
    <SideDrawer title={data ? shortType(data.type) : t('event')} size="large" onClose={onClose}>
      <DrawerBody>
        <div className={styles.body}>
          <ProblemMessage error={event.error} onRetry={() => void event.refetch()} />
          {data && (
            <>
              <Facts
                facts={[
                  { term: t('type'), value: <code>{data.type}</code> },
                  { term: t('source'), value: <code>{data.source}</code> },
                  { term: t('time'), value: format.moment(data.time) },
                  { term: t('subject'), value: <code>{data.subject}</code> },
                  { term: t('version'), value: format.number(data.aggregateVersion) },
                  { term: t('sequence'), value: format.number(data.sequence) },
                ]}
              />
              <Copyable label={t('id')} value={data.id} />
              <Copyable label={common('correlationId')} value={data.correlationId} />
              {data.traceId &&
                (traceUrlTemplate ? (
                  <a
                    href={traceUrlTemplate.replace('{traceId}', encodeURIComponent(data.traceId))}
                    target="_blank"
                    rel="noreferrer noopener"
                  >
                    {t('trace')}
                  </a>
                ) : (
                  <Copyable label={t('traceId')} value={data.traceId} />
                ))}
              <PageLink to="/developers/events" search={{ correlation: data.correlationId }}>
                {t('sameCommand')}
              </PageLink>
              <Title3 as="h3">{t('data')}</Title3>
              <Code label={t('data')} value={data.data} />
              <Title3 as="h3">{t('deliveries')}</Title3>
              <Deliveries id={id} />
            </>
          )}
        </div>
      </DrawerBody>
      <DrawerFooter className={styles.footer}>
        <ActionButton
          appearance="primary"
          needs="POST /v1/webhook-endpoints/{id}/replay"
          disabled={!data}
          onClick={onReplay}
        >
          {t('replay')}
        </ActionButton>
        <Button onClick={onClose}>{common('close')}</Button>
      </DrawerFooter>
    </SideDrawer>
  );
}

function Deliveries({ id }: { id: string }): ReactNode {
  const t = useTexts(events);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const deliveries = useOne('/v1/events/{id}/deliveries', { path: { id } }, { every: 10_000 });
  const endpoints = useOne('/v1/webhook-endpoints', { query: { limit: 200 } });
  const urlOf = new Map(endpoints.data?.data.map((one) => [one.id, one.description || one.url]));
  if (deliveries.error)
    return <ProblemMessage error={deliveries.error} onRetry={() => void deliveries.refetch()} />;
  if (deliveries.data?.length === 0)
    return (
      <Text>
        {t('noDeliveries')} <PageLink to="/developers/webhooks">{t('toWebhooks')}</PageLink>
      </Text>
    );
  return (
    <ul className={styles.list}>
      {deliveries.data?.map(({ id: delivery, endpointId, status, attempts, lastAttemptAt }) => (
        <li key={delivery} className={styles.item}>
          <DeliveryBadge status={status} />
          <PageLink
            to="/developers/webhooks/$id"
            params={{ id: endpointId }}
            search={{ drawer: 'delivery', delivery }}
          >
            {urlOf.get(endpointId) ?? endpointId}
          </PageLink>
          <Text>{t('attempts', { count: attempts, ago: format.ago(lastAttemptAt) })}</Text>
        </li>
      ))}
    </ul>
  );
}
