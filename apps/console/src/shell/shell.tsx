import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { NavigationRegular } from '@fluentui/react-icons';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useTexts } from '../texts/use-texts.ts';
import { Navigation } from './navigation.tsx';
import { TopBar } from './top-bar.tsx';
import { shell } from './texts.ts';

const SearchDialog = lazy(() => import('./search-dialog.tsx'));

const narrow = '@media (max-width: 800px)';
const useStyles = makeStyles({
  frame: {
    display: 'grid',
    minHeight: '100dvh',
    gridTemplateColumns: '14rem minmax(0, 1fr)',
    gridTemplateRows: 'auto minmax(0, 1fr)',
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)', gridTemplateRows: 'auto auto minmax(0, 1fr)' },
  },
  bar: {
    gridColumn: '1 / -1',
    display: 'flex',
    alignItems: 'center',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  menu: { display: 'none', [narrow]: { display: 'inline-flex' } },
  side: {
    backgroundColor: tokens.colorNeutralBackground3,
    position: 'sticky',
    top: 0,
    maxHeight: '100dvh',
    overflowY: 'auto',
    [narrow]: { position: 'static' },
  },
  closed: { [narrow]: { display: 'none' } },
  main: {
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXL}`,
    minWidth: 0,
    outlineStyle: 'none',
  },
  skip: {
    position: 'absolute',
    insetInlineStart: tokens.spacingHorizontalM,
    top: '-4rem',
    zIndex: 1000,
    padding: tokens.spacingHorizontalS,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorBrandForeground1,
    ':focus': { top: tokens.spacingVerticalXS },
  },
});

/** Around every page: what is the same on all of them. */
export function Shell(): ReactNode {
  const t = useTexts(shell);
  const styles = useStyles();
  const main = useRef<HTMLElement>(null);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isSearching, setSearching] = useState(false);
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const before = useRef(path);

  useEffect(() => {
    if (before.current !== undefined && before.current !== path) {
      setMenuOpen(false);
      // Whoever uses a screen reader hears which page this is; whoever tabs begins at its top.
      requestAnimationFrame(() => {
        const title = main.current?.querySelector<HTMLElement>('[data-page-title]');
        (title ?? main.current)?.focus({ preventScroll: false });
      });
    }
    before.current = path;
  }, [path]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setSearching(true);
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#page">
        {t('skip')}
      </a>
      <header className={styles.bar}>
        <Button
          className={styles.menu}
          appearance="subtle"
          icon={<NavigationRegular />}
          aria-label={t('menu')}
          aria-expanded={isMenuOpen}
          onClick={() => setMenuOpen(!isMenuOpen)}
        />
        <TopBar onSearch={() => setSearching(true)} />
      </header>
      <div className={mergeClasses(styles.side, !isMenuOpen && styles.closed)}>
        <Navigation />
      </div>
      <main id="page" ref={main} className={styles.main} tabIndex={-1}>
        <Suspense fallback={null}>
          <Outlet />
        </Suspense>
      </main>
      {isSearching && (
        <Suspense fallback={null}>
          <SearchDialog onClose={() => setSearching(false)} />
        </Suspense>
      )}
    </div>
  );
}
