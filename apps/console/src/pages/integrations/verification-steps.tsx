import type { ReactNode } from 'react';
import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { CheckmarkCircleRegular, DismissCircleRegular } from '@fluentui/react-icons';
import type { Verification } from '@isthmus/sdk';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { Copyable } from '../../parts/feedback/problem.tsx';
import { useCommon, useTexts, useWord } from '../../texts/use-texts.ts';
import { integrations } from './texts.ts';

const useStyles = makeStyles({
  all: { display: 'grid', gap: tokens.spacingVerticalS },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalS },
  step: { display: 'grid', gridTemplateColumns: '1.5rem minmax(0, 1fr)', gap: tokens.spacingHorizontalS },
  what: { display: 'grid', overflowWrap: 'anywhere' },
  good: { color: tokens.colorStatusSuccessForeground1 },
  bad: { color: tokens.colorStatusDangerForeground1 },
});

interface VerificationStepsProps {
  verification: Verification | undefined | null;
  isAsking: boolean;
}

/** Each check of a connection with its tick, and what to do about the one that failed. */
export function VerificationSteps({ verification, isAsking }: VerificationStepsProps): ReactNode {
  const t = useTexts(integrations);
  const common = useCommon();
  const word = useWord(integrations);
  const styles = useStyles();
  if (isAsking) return <Spinner label={t('tryingIt')} labelPosition="after" />;
  if (!verification) return <Text>{t('notVerified')}</Text>;
  return (
    <div className={styles.all} role="status">
      <MessageBar intent={verification.ok ? 'success' : 'error'}>
        <MessageBarBody>
          <MessageBarTitle>{t(verification.ok ? 'allPassed' : 'someFailed')}</MessageBarTitle>
        </MessageBarBody>
      </MessageBar>
      <ol className={styles.list}>
        {verification.steps.map(({ step, ok, detail, mend, correlationId }) => (
          <li key={step} className={styles.step}>
            {ok ? (
              <CheckmarkCircleRegular fontSize={20} className={styles.good} aria-label={t('passed')} />
            ) : (
              <DismissCircleRegular fontSize={20} className={styles.bad} aria-label={t('failed')} />
            )}
            <div className={styles.what}>
              <Text weight="semibold">{word('step', step)}</Text>
              <Text>{forPeople(detail).replace(`, correlation id ${correlationId}`, '')}</Text>
              {mend && <Text weight="semibold">{forPeople(mend)}</Text>}
              {!ok && correlationId && <Copyable label={common('correlationId')} value={correlationId} />}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}
