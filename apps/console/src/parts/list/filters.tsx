import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Field, Input, makeStyles, SearchBox, Select, tokens } from '@fluentui/react-components';
import { CountBadge } from '../show/badges.tsx';
import { forcedColours } from '../show/forced-colours.ts';
import { useCommon } from '../../texts/use-texts.ts';

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    alignItems: 'end',
  },
  search: { minWidth: '14rem', flexGrow: 1, maxWidth: '28rem' },
  // Its longest choice may be longer than a small screen is wide.
  select: { minWidth: '9rem', maxWidth: '100%', '& select': { width: '100%' } },
  tabs: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS },
  tab: {
    font: 'inherit',
    display: 'inline-flex',
    gap: tokens.spacingHorizontalXS,
    alignItems: 'center',
    minHeight: '2.75rem',
    padding: `0 ${tokens.spacingHorizontalM}`,
    color: tokens.colorNeutralForeground2,
    backgroundColor: 'transparent',
    border: 'none',
    borderBottom: '3px solid transparent',
    cursor: 'pointer',
    ':hover': { color: tokens.colorNeutralForeground1, borderBottomColor: tokens.colorNeutralStroke1Hover },
    '&[aria-current="page"]': {
      color: tokens.colorNeutralForeground1,
      fontWeight: tokens.fontWeightSemibold,
      borderBottomColor: tokens.colorCompoundBrandStroke,
    },
    [forcedColours]: {
      borderBottomColor: 'Canvas',
      '&[aria-current="page"]': { borderBottomColor: 'Highlight' },
    },
  },
});

/** Filters above a list, side by side as far as there is room. */
export function FilterBar({ children }: { children: ReactNode }): ReactNode {
  const styles = useStyles();
  return (
    <div className={styles.bar} role="search">
      {children}
    </div>
  );
}

const afterTypingMs = 300;

interface TextFilterProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** Free text; asks when typing pauses. */
export function SearchFilter({ label, value = '', onChange }: TextFilterProps): ReactNode {
  const styles = useStyles();
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The address changed by itself: back, forward, a link.
  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: string): void => {
    setTyped(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next.trim() || undefined), afterTypingMs);
  };
  return (
    <Field className={styles.search} label={label}>
      <SearchBox value={typed} onChange={(_, { value: next }) => change(next)} />
    </Field>
  );
}

/** A day, as `YYYY-MM-DD`. */
export function DayFilter({ label, value, onChange }: TextFilterProps): ReactNode {
  return (
    <Field label={label}>
      <Input type="date" value={value ?? ''} onChange={(_, { value: next }) => onChange(next || undefined)} />
    </Field>
  );
}

interface SelectFilterProps<T extends string> {
  label: string;
  value: T | undefined;
  options: readonly { value: T; label: string }[];
  /** What no choice is called; "Any" by default. */
  any?: string;
  onChange: (value: T | undefined) => void;
}

/** One of few values, or any. */
export function SelectFilter<T extends string>(props: SelectFilterProps<T>): ReactNode {
  const { label, value, options, any, onChange } = props;
  const t = useCommon();
  const styles = useStyles();
  return (
    <Field className={styles.select} label={label}>
      <Select
        value={value ?? ''}
        onChange={(_, { value: next }) => onChange(options.find((option) => option.value === next)?.value)}
      >
        <option value="">{any ?? t('any')}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface FilterTabsProps<T extends string> {
  label: string;
  value: T;
  tabs: readonly { value: T; label: string; count?: number | undefined }[];
  onChange: (value: T) => void;
}

/** Views of one list, with how many rows each has. Each is an address: they are links in what they do, tabs in how they look. */
export function FilterTabs<T extends string>(props: FilterTabsProps<T>): ReactNode {
  const { label, value, tabs, onChange } = props;
  const styles = useStyles();
  return (
    <nav aria-label={label} className={styles.tabs}>
      {tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          className={styles.tab}
          aria-current={tab.value === value ? 'page' : undefined}
          onClick={() => onChange(tab.value)}
        >
          {tab.label}
          {tab.count !== undefined && (
            <CountBadge count={tab.count} tone={tab.value === value ? 'busy' : 'neutral'} />
          )}
        </button>
      ))}
    </nav>
  );
}
