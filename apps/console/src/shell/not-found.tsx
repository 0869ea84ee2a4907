import { useEffect, type ReactNode } from 'react';
import { makeStyles, tokens } from '@fluentui/react-components';
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router';
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
  title: { fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700, margin: 0 },
  link: { color: tokens.colorBrandForegroundLink },
});

function Plain({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} · Isthmus`;
  }, [title]);
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{title}</h1>
      {children}
    </div>
  );
}

export function NotFoundPage(): ReactNode {
  const t = useTexts(shell);
  const styles = useStyles();
  return (
    <Plain title={t('notFound')}>
      <p>{t('notFoundDetail')}</p>
      <Link className={styles.link} to="/admin/hub/integrations">
        {t('toStart')}
      </Link>
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
      <p role="alert">{t('failedDetail', { reason })}</p>
      <button type="button" onClick={again}>
        {common('tryAgain')}
      </button>
    </Plain>
  );
}

/** @param code why, as the gateway says in the address */
export function SignInFailed({ code }: { code: string }): ReactNode {
  const t = useTexts(shell);
  const word = useWord(shell);
  const styles = useStyles();
  return (
    <main>
      <Plain title={t('signInFailed')}>
        <p role="alert">{word('signIn', code)}</p>
        <a className={styles.link} href="/auth/login?back=%2F">
          {t('signIn')}
        </a>
      </Plain>
    </main>
  );
}
