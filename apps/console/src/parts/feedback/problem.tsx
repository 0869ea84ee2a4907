import { useState, type ReactNode } from 'react';
import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  tokens,
} from '@fluentui/react-components';
import { CopyRegular } from '@fluentui/react-icons';
import { Forbidden, IsthmusError, Unauthenticated, Unavailable } from '@isthmus/sdk';
import { forPeople } from './for-people.ts';
import { useMe } from '../../data/session.tsx';
import { isOperation, roleFor } from '../../data/roles.ts';
import { useCommon, type NameIn, type Translate } from '../../texts/use-texts.ts';
import type { common } from '../../texts/common.ts';

export interface Said {
  title: string;
  detail?: string;
  nextStep?: string;
  correlationId?: string;
  fields: readonly { field: string; message: string }[];
}

/** What went wrong, to what, and what to do next: the platform's own words where it got to say some. */
export function sayProblem(error: Error, t: Translate<NameIn<typeof common>>, held: string): Said {
  if (!(error instanceof IsthmusError))
    return { title: t('somethingWrong'), detail: error.message, fields: [] };
  const { problem, call } = error;
  const [detail, nextStep] = [problem?.detail, error.nextStep].map(forPeople);
  const said: Said = {
    title: forPeople(problem?.title) || t('offline'),
    ...(detail && { detail }),
    ...(nextStep && { nextStep }),
    ...(error.correlationId && { correlationId: error.correlationId }),
    fields: problem?.errors ?? [],
  };
  if (error instanceof Unauthenticated)
    return { ...said, title: t('sessionOver'), nextStep: t('signInAgain') };
  if (error instanceof Forbidden && isOperation(call))
    return {
      ...said,
      title: t('forbidden'),
      nextStep: t('needsRole', { role: roleFor(call), held }),
    };
  if (error instanceof Unavailable && !problem) return { ...said, nextStep: t('offlineNext') };
  // Which fields, is said field by field.
  if (problem?.type.endsWith(':invalid-input') && said.fields.length > 0) delete said.detail;
  return said;
}

const useStyles = makeStyles({
  body: { whiteSpace: 'normal' },
  lines: { display: 'grid', gap: tokens.spacingVerticalXXS, overflowWrap: 'anywhere' },
  // Breaks before its button rather than in the midst of it, unless there is no room for all of it.
  whole: { overflowWrap: 'anywhere', wordBreak: 'keep-all', display: 'inline-block', maxWidth: '100%' },
  fields: { margin: 0, paddingInlineStart: tokens.spacingHorizontalL },
});

interface ProblemProps {
  error: Error | null | undefined;
  onRetry?: (() => void) | undefined;
  /** Names of fields that a form shows itself, beside the field. */
  except?: readonly string[];
  /** Instead of the title, when a form shows all that is wrong itself. */
  marked?: string;
  children?: ReactNode;
}

/** An error of a call, with its next step, its correlation id to copy, and "Try again". Nothing without an error. */
export function ProblemMessage({ error, onRetry, except = [], marked, children }: ProblemProps): ReactNode {
  const t = useCommon();
  const { roles } = useMe();
  const styles = useStyles();
  if (!error) return null;
  const { title, detail, nextStep, correlationId, fields } = sayProblem(
    error,
    t,
    roles.join(', ') || t('roleNone'),
  );
  const others = fields.filter(({ field }) => !except.includes(field));
  if (marked && fields.length > 0 && others.length === 0)
    return (
      <MessageBar intent="error" role="alert">
        <MessageBarBody className={styles.body}>{marked}</MessageBarBody>
      </MessageBar>
    );
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody className={styles.body}>
        <div className={styles.lines}>
          <MessageBarTitle>{title}</MessageBarTitle>
          {detail && detail !== title && <span>{detail}</span>}
          {others.length > 0 && (
            <ul className={styles.fields}>
              {others.map(({ field, message }) => (
                <li key={field}>{forPeople(field ? `${field}: ${message}` : message)}</li>
              ))}
            </ul>
          )}
          {nextStep && <strong>{nextStep}</strong>}
          {correlationId && <Copyable label={t('correlationId')} value={correlationId} />}
          {children}
        </div>
      </MessageBarBody>
      {onRetry && (
        <MessageBarActions>
          <Button onClick={onRetry}>{t('tryAgain')}</Button>
        </MessageBarActions>
      )}
    </MessageBar>
  );
}

/** A value that people pass on, such as a correlation id, with a button that copies it. */
export function Copyable({
  label,
  value,
  isLabelled = true,
}: {
  label: string;
  value: string;
  /** False where its label stands above it already. */
  isLabelled?: boolean;
}): ReactNode {
  const t = useCommon();
  const styles = useStyles();
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(value).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    });
  };
  return (
    <span>
      {isLabelled && `${label}: `}
      <code className={styles.whole}>{value}</code>
      <Button
        appearance="transparent"
        size="small"
        icon={<CopyRegular />}
        onClick={copy}
        aria-label={`${t('copy')}: ${label} ${value}`}
      >
        {isCopied ? t('copied') : t('copy')}
      </Button>
    </span>
  );
}
