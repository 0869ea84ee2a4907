import { useEffect, type ReactNode } from 'react';
import { Button, DrawerBody, DrawerFooter, Text } from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { useCommand } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { integrations } from './texts.ts';
import { VerificationSteps } from './verification-steps.tsx';

const saved = {};

/** Verify Connectivity: asks CMP at once, and keeps the result with the connector. */
export default function VerifyDrawer({
  connector,
  onClose,
}: {
  connector: Connector;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(integrations);
  const common = useCommon();
  const verify = useCommand('post', '/v1/connectors/{id}/verify', { changes: ['/v1/connectors'] });
  const { mutate } = verify;
  const ask = (): void => mutate({ path: { id: connector.id }, body: saved });
  // Opening it is asking for it. Repeating it does no harm.
  useEffect(() => mutate({ path: { id: connector.id }, body: saved }), [mutate, connector.id]);
  return (
    <SideDrawer title={t('verifyTitle', { name: connector.name })} onClose={onClose}>
      <DrawerBody>
        <Text as="p">{t('verifyAsked')}</Text>
        <ProblemMessage error={verify.error} onRetry={ask} />
        {!verify.error && (
          <VerificationSteps
            verification={verify.data ?? connector.verification}
            isAsking={verify.isPending}
          />
        )}
      </DrawerBody>
      <DrawerFooter>
        <ActionButton needs="POST /v1/connectors/{id}/verify" isBusy={verify.isPending} onClick={ask}>
          {t('verifyAgain')}
        </ActionButton>
        <Button onClick={onClose}>{common('close')}</Button>
      </DrawerFooter>
    </SideDrawer>
  );
}
