import type { ReactNode } from 'react';
import {
  Button,
  DrawerBody,
  DrawerFooter,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useCommand } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { Code } from '../../parts/show/code.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { nameOf, type Endpoint } from './endpoint-values.ts';
import { webhooks } from './texts.ts';

const useStyles = makeStyles({
  body: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    gridTemplateColumns: 'minmax(0, 1fr)',
    paddingBottom: tokens.spacingVerticalL,
  },
  bar: { whiteSpace: 'normal', overflowWrap: 'anywhere' },
});

/** Sends one signed event for a try, and shows what came back. */
export default function TestDrawer({
  endpoint,
  onClose,
}: {
  endpoint: Endpoint;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(webhooks);
  const common = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const test = useCommand('post', '/v1/webhook-endpoints/{id}/test');
  const { data } = test;
  return (
    <SideDrawer title={t('testTitle', { name: nameOf(endpoint) })} onClose={onClose}>
      <DrawerBody>
        <div className={styles.body}>
          <Text>{t('testDetail')}</Text>
          <ProblemMessage error={test.error} />
          {data && (
            <>
              <MessageBar intent={data.delivered ? 'success' : 'error'} layout="multiline" role="status">
                <MessageBarBody className={styles.bar}>
                  <MessageBarTitle>{t(data.delivered ? 'testArrived' : 'testFailed')}</MessageBarTitle>
                  {t('answered', {
                    status: data.status ?? data.error ?? common('dash'),
                    ms: format.number(data.durationMs),
                  })}
                </MessageBarBody>
              </MessageBar>
              {data.responseHead && <Code label={t('responseHead')} value={data.responseHead} />}
              <Code label={t('requestHeaders')} value={data.requestHeaders} />
            </>
          )}
        </div>
      </DrawerBody>
      <DrawerFooter>
        <ActionButton
          appearance="primary"
          needs="POST /v1/webhook-endpoints/{id}/test"
          isBusy={test.isPending}
          onClick={() => test.mutate({ path: { id: endpoint.id } })}
        >
          {t('doTest')}
        </ActionButton>
        <Button onClick={onClose}>{common('close')}</Button>
      </DrawerFooter>
    </SideDrawer>
  );
}
