import { useEffect, type ReactNode } from 'react';
import { makeStyles, mergeClasses, Text, Title2, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    gridTemplateColumns: 'minmax(0, 1fr)',
  },
  head: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'center' },
  // A thing may be called by an address, which has no place to break.
  title: { minWidth: 0, overflowWrap: 'anywhere' },
  actions: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    marginInlineStart: 'auto',
  },
  facts: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(12rem, 1fr))',
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    margin: 0,
  },
  fact: { minWidth: 0, overflowWrap: 'anywhere', '& dd': { margin: 0 } },
  term: { color: tokens.colorNeutralForeground2 },
  wide: { gridColumn: '1 / -1' },
});

interface PageProps {
  title: string;
  /** What it is about, in a sentence. */
  lead?: string;
  /** Buttons at the end of the title's line. */
  actions?: ReactNode;
  children: ReactNode;
}

/** Around what a page shows. Its title is the window's, and where focus goes when the page is entered. */
export function Page({ title, lead, actions, children }: PageProps): ReactNode {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} · Isthmus`;
  }, [title]);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <Title2 as="h1" className={styles.title} tabIndex={-1} data-page-title>
          {title}
        </Title2>
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {lead && <Text>{lead}</Text>}
      {children}
    </div>
  );
}

export interface Fact {
  term: string;
  value: ReactNode;
  /** As wide as there is room. */
  isWide?: boolean;
}

/** What is known about one thing. */
export function Facts({ facts }: { facts: readonly Fact[] }): ReactNode {
  const styles = useStyles();
  return (
    <dl className={styles.facts}>
      {facts.map(({ term, value, isWide }) => (
        <div key={term} className={mergeClasses(styles.fact, isWide && styles.wide)}>
          <dt className={styles.term}>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
