import type { ReactNode } from 'react';
import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useList } from '../../data/queries.ts';
import { useTexts } from '../../texts/use-texts.ts';
import { PageLink } from '../show/links.tsx';
import { unread } from './texts.ts';

const soon = { every: 30_000 };

/** Above what is counted or listed of subscriptions: that some are not in it, because they have not been read yet. */
export default function UnreadNote({ connectorId }: { connectorId: string | undefined }): ReactNode {
  const t = useTexts(unread);
  const { rows } = useList(
    '/v1/provider-subscriptions',
    { query: { unread: true, limit: 1, ...(connectorId && { connectorId }) } },
    soon,
  );
  if (rows.length === 0) return null;
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>
        {t('note')}{' '}
        <PageLink to="/subscriptions" search={{ tab: 'unread' }}>
          {t('show')}
        </PageLink>
      </MessageBarBody>
    </MessageBar>
  );
}
