import { useEffect, type ReactNode } from 'react';
import { Button, DrawerBody, DrawerFooter, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { useCommand } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { integrations } from './texts.ts';
import { VerificationSteps } from './verification-steps.tsx';

const saved = {};
const useStyles = makeStyles({
  body: { display: 'grid', gap: tokens.spacingVerticalM, alignContent: 'start' },
  footer: { flexWrap: 'wrap' },
});

/** Verify Connectivity: asks Ingram Micro at once, and keeps the result with the connector. */
export default function VerifyDrawer({
  connector,
  onSync,
  onClose,
}: {
  connector: Connector;
  /** The next step, once all checks have passed. */
  onSync?: () => void;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(integrations);
  const common = useCommon();
  const styles = useStyles();
  const verify = useCommand('post', '/v1/connectors/{id}/verify', { changes: ['/v1/connectors'] });
  const { mutate } = verify;
  const ask = (): void => mutate({ path: { id: connector.id }, body: saved });
  // Opening it is asking for it. Repeating it does no harm.
  useEffect(() => mutate({ path: { id: connector.id }, body: saved }), [mutate, connector.id]);
  return (
    <SideDrawer title={t('verifyTitle', { name: connector.name })} onClose={onClose}>
      <DrawerBody className={styles.body}>
        <Text>{t('verifyAsked')}</Text>
        <ProblemMessage error={verify.error} onRetry={ask} />
        {!verify.error && (
          <VerificationSteps
            verification={verify.data ?? connector.verification}
            isAsking={verify.isPending}
          />
        )}
      </DrawerBody>
      <DrawerFooter className={styles.footer}>
        {onSync && verify.data?.ok && (
          <ActionButton
            appearance="primary"
            needs="POST /v1/sync-runs"
            onClick={() => {
              onSync();
              onClose();
            }}
          >
            {t('syncAccounts')}
          </ActionButton>
        )}
        <ActionButton needs="POST /v1/connectors/{id}/verify" isBusy={verify.isPending} onClick={ask}>
          {t('verifyAgain')}
        </ActionButton>
        <Button onClick={onClose}>{common('close')}</Button>
      </DrawerFooter>
    </SideDrawer>
  );
}
