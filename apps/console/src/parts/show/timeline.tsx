import type { ReactNode } from 'react';
import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { formatOf } from '../../texts/format.ts';
import { useLanguage } from '../../texts/use-texts.ts';
import { StatusBadge, type Tone } from './badges.tsx';
import { forcedColours } from './forced-colours.ts';

export interface Moment {
  key: string;
  /** Undefined: it has not happened yet. */
  at: string | undefined;
  /** Until when it lasted; a wait is a moment of its own. */
  until?: string | undefined;
  title: string;
  detail?: ReactNode;
  tone: Tone;
  /** The state in a word, beside the title. */
  word?: string;
}

const useStyles = makeStyles({
  line: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid' },
  moment: {
    display: 'grid',
    gridTemplateColumns: 'minmax(6.5rem, auto) 1rem minmax(0, 1fr)',
    gap: tokens.spacingHorizontalM,
  },
  at: { textAlign: 'end', fontVariantNumeric: 'tabular-nums', color: tokens.colorNeutralForeground2 },
  rail: { display: 'grid', gridTemplateRows: 'auto 1fr', justifyItems: 'center' },
  dot: {
    width: '0.75rem',
    height: '0.75rem',
    marginTop: '0.25rem',
    borderRadius: '50%',
    border: `2px solid ${tokens.colorNeutralStrokeAccessible}`,
    backgroundColor: 'transparent',
  },
  past: {
    backgroundColor: tokens.colorNeutralStrokeAccessible,
    [forcedColours]: { backgroundColor: 'CanvasText' },
  },
  thread: {
    width: '2px',
    minHeight: '1rem',
    backgroundColor: tokens.colorNeutralStroke1,
    [forcedColours]: { backgroundColor: 'CanvasText' },
  },
  what: { paddingBottom: tokens.spacingVerticalM, overflowWrap: 'anywhere' },
  title: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
});

interface TimelineProps {
  label: string;
  moments: readonly Moment[];
  /** Of more than a day: each moment shows its day. */
  withDays?: boolean;
}

/** What happened, in the order given, with how long each took. */
export function Timeline({ label, moments, withDays = false }: TimelineProps): ReactNode {
  const styles = useStyles();
  const format = formatOf(useLanguage());
  return (
    <ol className={styles.line} aria-label={label}>
      {moments.map(({ key, at, until, title, detail, tone, word }) => (
        <li key={key} className={styles.moment}>
          {at ? (
            <time className={styles.at} dateTime={at} title={format.moment(at)}>
              {withDays ? format.moment(at) : format.time(at)}
            </time>
          ) : (
            <span className={styles.at}>{format.time(undefined)}</span>
          )}
          <span className={styles.rail} aria-hidden>
            <span className={mergeClasses(styles.dot, at && styles.past)} />
            <span className={styles.thread} />
          </span>
          <div className={styles.what}>
            <div className={styles.title}>
              <Text weight="semibold">{title}</Text>
              {word && <StatusBadge tone={tone}>{word}</StatusBadge>}
              {at && until && <Text>{format.duration((Date.parse(until) - Date.parse(at)) / 1000)}</Text>}
            </div>
            {detail}
          </div>
        </li>
      ))}
    </ol>
  );
}
