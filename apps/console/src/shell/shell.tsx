import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { ToastProvider } from '../parts/feedback/toasts.tsx';
import { useTexts } from '../texts/use-texts.ts';
import { Navigation } from './navigation.tsx';
import { shell } from './texts.ts';

// The frame is drawn before these are there.
const TopBar = lazy(() => import('./top-bar.tsx'));
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
    gridColumnStart: '1',
    gridColumnEnd: '-1',
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    alignItems: 'center',
    // With its padding and its line: what is left of the window is the menu's.
    boxSizing: 'border-box',
    minHeight: '3.5rem',
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  brand: {
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase400,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
  },
  button: {
    font: 'inherit',
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    minHeight: '2rem',
    padding: `0 ${tokens.spacingHorizontalM}`,
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  menu: { display: 'none', [narrow]: { display: 'inline-block' } },
  side: {
    backgroundColor: tokens.colorNeutralBackground3,
    position: 'sticky',
    top: 0,
    alignSelf: 'start',
    height: 'calc(100dvh - 3.5rem)',
    overflowY: 'auto',
    [narrow]: { position: 'static', height: 'auto' },
  },
  closed: { [narrow]: { display: 'none' } },
  main: {
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXL}`,
    minWidth: 0,
    outlineStyle: 'none',
    [narrow]: { padding: tokens.spacingHorizontalM },
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

const product = 'Isthmus';

/** Around every page: what is the same on all of them. */
export function Shell(): ReactNode {
  const t = useTexts(shell);
  const styles = useStyles();
  const main = useRef<HTMLElement>(null);
  const searchButton = useRef<HTMLButtonElement>(null);
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

  const endSearch = (): void => {
    setSearching(false);
    searchButton.current?.focus();
  };

  return (
    // Within the router: toasts have links.
    <ToastProvider>
      <div className={styles.frame}>
        <a className={styles.skip} href="#page">
          {t('skip')}
        </a>
        <header className={styles.bar}>
          <button
            type="button"
            className={mergeClasses(styles.button, styles.menu)}
            aria-expanded={isMenuOpen}
            onClick={() => setMenuOpen(!isMenuOpen)}
          >
            {t('menu')}
          </button>
          <Link to="/" className={styles.brand}>
            {product}
          </Link>
          <button
            ref={searchButton}
            type="button"
            className={styles.button}
            aria-keyshortcuts="Control+K"
            onClick={() => setSearching(true)}
          >
            {t('searchOpen')}
          </button>
          <Suspense fallback={null}>
            <TopBar />
          </Suspense>
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
            <SearchDialog onClose={endSearch} />
          </Suspense>
        )}
      </div>
    </ToastProvider>
  );
}
