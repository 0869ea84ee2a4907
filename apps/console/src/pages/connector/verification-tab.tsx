import type { ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { useCommand } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { Empty } from '../../parts/list/list.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import { integrations } from '../integrations/texts.ts';
import { VerificationSteps } from '../integrations/verification-steps.tsx';
import { connectorTexts } from './texts.ts';

const route = getRouteApi('/admin/hub/integrations/$id');
const saved = {};

/** Whether Ingram Micro let us in when that was last checked, check by check, and what to mend. */
export default function VerificationTab({ connector }: { connector: Connector }): ReactNode {
  const t = useTexts(integrations);
  const its = useTexts(connectorTexts);
  const format = formatOf(useLanguage());
  const navigate = route.useNavigate();
  const verify = useCommand('post', '/v1/connectors/{id}/verify', { changes: ['/v1/connectors'] });
  const { id, verification } = connector;
  const ask = (): void => verify.mutate({ path: { id }, body: saved });
  const failed = verification?.steps.find(({ ok }) => !ok);
  const button = (
    <ActionButton
      appearance="primary"
      needs="POST /v1/connectors/{id}/verify"
      isBusy={verify.isPending}
      onClick={ask}
    >
      {verification ? t('verifyAgain') : t('verify')}
    </ActionButton>
  );
  if (!verification && !verify.isPending)
    return (
      <>
        <ProblemMessage error={verify.error} onRetry={ask} />
        <Empty title={t('notVerified')} detail={its('notVerifiedDetail')}>
          {button}
        </Empty>
      </>
    );
  return (
    <>
      <div>{button}</div>
      <ProblemMessage error={verify.error} onRetry={ask} />
      {verification && !verify.isPending && (
        <Text>
          {its('checkedAt', {
            at: format.moment(verification.checkedAt),
            ago: format.ago(verification.checkedAt),
          })}
        </Text>
      )}
      <VerificationSteps verification={verification} isAsking={verify.isPending} />
      {failed?.field && !verify.isPending && (
        <div>
          <ActionButton
            needs="PATCH /v1/connectors/{id}"
            onClick={() => void navigate({ search: (before) => ({ ...before, drawer: 'edit' }) })}
          >
            {its('change')}
          </ActionButton>
        </div>
      )}
    </>
  );
}
