import { useState, type ReactNode } from 'react';
import { Button, CounterBadge, makeStyles, tokens } from '@fluentui/react-components';
import {
  ArrowSyncRegular,
  ChevronDownRegular,
  ChevronUpRegular,
  PeopleRegular,
  SettingsRegular,
} from '@fluentui/react-icons';
import { Link, useRouterState, type LinkProps } from '@tanstack/react-router';
import { useOne } from '../data/queries.ts';
import { useTexts } from '../texts/use-texts.ts';
import { shell } from './texts.ts';

interface Entry {
  to: LinkProps['to'];
  text: keyof typeof shell.en & string;
  icon: ReactNode;
  /** How much of it waits for somebody. */
  Count?: () => ReactNode;
}

/** One line for each page of the menu, in the order in which the work comes. */
const pages: readonly Entry[] = [
  { to: '/accounts', text: 'accounts', icon: <PeopleRegular />, Count: UnlinkedAccounts },
  { to: '/sync-runs', text: 'syncRuns', icon: <ArrowSyncRegular /> },
];

const administration: readonly Entry[] = [
  { to: '/admin/hub/integrations', text: 'adminHub', icon: <SettingsRegular /> },
];

const useStyles = makeStyles({
  nav: {
    display: 'flex',
    flexDirection: 'column',
    minHeight: 'min(100%, calc(100dvh - 3.5rem))',
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
  },
  count: { marginInlineStart: 'auto' },
  bottom: { marginTop: 'auto', display: 'grid', gap: tokens.spacingVerticalXXS },
  administration: { justifyContent: 'flex-start' },
});

/** The pages at the left; Administration at its bottom. */
export function Navigation(): ReactNode {
  const t = useTexts(shell);
  const styles = useStyles();
  const isInHub = useRouterState({ select: ({ location }) => location.pathname.startsWith('/admin/') });
  const [isOpen, setOpen] = useState(isInHub);
  return (
    <nav className={styles.nav} aria-label={t('navigation')}>
      <ul className={styles.list}>
        {pages.map((entry) => (
          <Item key={entry.text} {...entry} />
        ))}
      </ul>
      <div className={styles.bottom}>
        {isOpen && (
          <ul className={styles.list}>
            {administration.map((entry) => (
              <Item key={entry.text} {...entry} />
            ))}
          </ul>
        )}
        <Button
          className={styles.administration}
          appearance="subtle"
          icon={isOpen ? <ChevronDownRegular /> : <ChevronUpRegular />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {t('administration')}
        </Button>
      </div>
    </nav>
  );
}

function Item({ to, text, icon, Count }: Entry): ReactNode {
  const t = useTexts(shell);
  const styles = useStyles();
  return (
    <li>
      <Link to={to as '/accounts'} className={styles.link}>
        {icon}
        {t(text)}
        {Count && (
          <span className={styles.count}>
            <Count />
          </span>
        )}
      </Link>
    </li>
  );
}

/** Beside an entry: how many wait for somebody; nothing when none does. */
export function Waiting({ count }: { count: number | undefined }): ReactNode {
  const t = useTexts(shell);
  if (!count) return null;
  return (
    <CounterBadge count={count} overflowCount={999} color="danger" aria-label={t('waiting', { count })} />
  );
}

const everyMinute = { every: 60_000 };
const nothing = {};

function UnlinkedAccounts(): ReactNode {
  const { data } = useOne('/v1/provider-accounts/counts', nothing, everyMinute);
  return <Waiting count={data?.unlinked} />;
}
