import { lazy, Suspense, useState, type ReactNode } from 'react';
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link, useRouterState, type LinkProps } from '@tanstack/react-router';
import { useTexts, type NameIn } from '../texts/use-texts.ts';
import { forcedColours } from '../parts/show/forced-colours.ts';
import { shell } from './texts.ts';
import type { Waiting } from '../parts/show/waiting.tsx';

const WaitingCount = lazy(() => import('../parts/show/waiting.tsx'));

interface Entry {
  to: LinkProps['to'];
  text: NameIn<typeof shell>;
  /** How much of it waits for somebody. */
  waiting?: Waiting;
}

/** One line for each page of the menu, in the order in which the work comes. */
const pages: readonly Entry[] = [
  { to: '/', text: 'home' },
  { to: '/orders', text: 'orders', waiting: 'orders' },
  { to: '/subscriptions', text: 'subscriptions' },
  { to: '/renewals', text: 'renewals' },
  { to: '/accounts', text: 'accounts', waiting: 'accounts' },
  { to: '/contracts', text: 'contracts', waiting: 'contracts' },
  { to: '/catalogue', text: 'catalogue', waiting: 'partNumbers' },
  { to: '/invoices', text: 'invoices' },
  { to: '/sync-runs', text: 'syncRuns' },
  { to: '/issues', text: 'issues', waiting: 'issues' },
  { to: '/developers/events', text: 'events' },
  { to: '/developers/webhooks', text: 'webhooks' },
  { to: '/developers/work365', text: 'work365' },
];

const administration: readonly Entry[] = [{ to: '/admin/hub', text: 'adminHub' }];

const useStyles = makeStyles({
  nav: {
    display: 'flex',
    flexDirection: 'column',
    minHeight: '100%',
    boxSizing: 'border-box',
    padding: tokens.spacingHorizontalS,
    gap: tokens.spacingVerticalXXS,
  },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalXXS },
  link: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    borderInlineStartWidth: '3px',
    borderInlineStartStyle: 'solid',
    borderInlineStartColor: 'transparent',
    ':hover': { backgroundColor: tokens.colorNeutralBackground3Hover },
    '&[aria-current="page"]': {
      fontWeight: tokens.fontWeightSemibold,
      backgroundColor: tokens.colorNeutralBackground1Selected,
      borderInlineStartColor: tokens.colorCompoundBrandStroke,
    },
    [forcedColours]: {
      borderInlineStartColor: 'Canvas',
      '&[aria-current="page"]': { borderInlineStartColor: 'Highlight' },
    },
  },
  count: { marginInlineStart: 'auto' },
  within: { paddingInlineStart: tokens.spacingHorizontalM },
  bottom: { marginTop: 'auto', display: 'grid', gap: tokens.spacingVerticalXXS },
  administration: {
    font: 'inherit',
    textAlign: 'start',
    width: '100%',
    backgroundColor: 'transparent',
    borderTopWidth: '0',
    borderBottomWidth: '0',
    borderInlineEndWidth: '0',
    cursor: 'pointer',
  },
});

/** The pages at the left; Administration at its bottom. */
export function Navigation(): ReactNode {
  const t = useTexts(shell);
  const styles = useStyles();
  const isInHub = useRouterState({ select: ({ location }) => location.pathname.startsWith('/admin/') });
  const [isOpen, setOpen] = useState(false);
  // The entry of the page that is shown is never hidden.
  const isShown = isOpen || isInHub;
  return (
    <nav className={styles.nav} aria-label={t('navigation')}>
      <ul className={styles.list}>
        {pages.map((entry) => (
          <Item key={entry.text} {...entry} />
        ))}
      </ul>
      <div className={styles.bottom}>
        <button
          type="button"
          className={mergeClasses(styles.link, styles.administration)}
          aria-expanded={isShown}
          onClick={() => setOpen(!isOpen)}
        >
          {t('administration')}
          <span className={styles.count} aria-hidden>
            {isShown ? '▾' : '▸'}
          </span>
        </button>
        {isShown && (
          <ul className={mergeClasses(styles.list, styles.within)}>
            {administration.map((entry) => (
              <Item key={entry.text} {...entry} />
            ))}
          </ul>
        )}
      </div>
    </nav>
  );
}

function Item({ to, text, waiting }: Entry): ReactNode {
  const t = useTexts(shell);
  const styles = useStyles();
  return (
    <li>
      <Link
        to={to as '/accounts'}
        className={styles.link}
        activeOptions={{ exact: to === '/', includeSearch: false }}
      >
        {t(text)}
        {waiting && (
          <span className={styles.count}>
            <Suspense fallback={null}>
              <WaitingCount what={waiting} />
            </Suspense>
          </span>
        )}
      </Link>
    </li>
  );
}
