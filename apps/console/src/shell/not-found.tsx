import { useEffect, type ReactNode } from 'react';
import { Button, makeStyles, Text, Title2, tokens } from '@fluentui/react-components';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { PageLink } from '../parts/show/links.tsx';
import { useCommon, useTexts, useWord } from '../texts/use-texts.ts';
import { shell } from './texts.ts';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    padding: tokens.spacingHorizontalXXL,
    justifyItems: 'start',
    maxWidth: '42rem',
  },
});

function Plain({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} · Isthmus`;
  }, [title]);
  return (
    <div className={styles.page}>
      <Title2 as="h1">{title}</Title2>
      {children}
    </div>
  );
}

export function NotFoundPage(): ReactNode {
  const t = useTexts(shell);
  return (
    <Plain title={t('notFound')}>
      <Text>{t('notFoundDetail')}</Text>
      <PageLink to="/admin/hub/integrations">{t('toStart')}</PageLink>
    </Plain>
  );
}

/** A page that cannot be drawn: ours is the fault. Old pages of a console that was replaced meanwhile end here, too. */
export function PageFailed({ error, reset }: ErrorComponentProps): ReactNode {
  const reason = error instanceof Error ? error.message : String(error);
  const t = useTexts(shell);
  const common = useCommon();
  const router = useRouter();
  const again = (): void => {
    // A file that is gone: only the new page knows the new names.
    if (/import|module|fetch/i.test(reason)) globalThis.location.reload();
    reset();
    void router.invalidate();
  };
  return (
    <Plain title={common('somethingWrong')}>
      <Text role="alert">{t('failedDetail', { reason })}</Text>
      <Button appearance="primary" onClick={again}>
        {common('tryAgain')}
      </Button>
    </Plain>
  );
}

/** @param code why, as the gateway says in the address */
export function SignInFailed({ code }: { code: string }): ReactNode {
  const t = useTexts(shell);
  const word = useWord(shell);
  return (
    <main>
      <Plain title={t('signInFailed')}>
        <Text role="alert">{word('signIn', code)}</Text>
        <Button as="a" appearance="primary" href="/auth/login?back=%2F">
          {t('signIn')}
        </Button>
      </Plain>
    </main>
  );
}
