import type { ReactNode } from 'react';
import { makeStyles, mergeClasses, tokens, type GriffelStyle } from '@fluentui/react-components';

export type Tone = 'good' | 'busy' | 'warning' | 'bad' | 'neutral';

const pill: GriffelStyle = {
  display: 'inline-block',
  borderRadius: tokens.borderRadiusMedium,
  border: `1px solid ${tokens.colorTransparentStroke}`,
  padding: `0 ${tokens.spacingHorizontalS}`,
  fontSize: tokens.fontSizeBase200,
  lineHeight: tokens.lineHeightBase300,
  fontWeight: tokens.fontWeightSemibold,
};

const useStyles = makeStyles({
  pill,
  good: {
    backgroundColor: tokens.colorStatusSuccessBackground1,
    color: tokens.colorStatusSuccessForeground1,
  },
  busy: { backgroundColor: tokens.colorBrandBackground2, color: tokens.colorBrandForeground2 },
  warning: {
    backgroundColor: tokens.colorStatusWarningBackground1,
    color: tokens.colorStatusWarningForeground1,
  },
  bad: { backgroundColor: tokens.colorStatusDangerBackground1, color: tokens.colorStatusDangerForeground1 },
  neutral: { backgroundColor: tokens.colorNeutralBackground4, color: tokens.colorNeutralForeground2 },
  count: { borderRadius: tokens.borderRadiusCircular, fontVariantNumeric: 'tabular-nums' },
});

/** A state in a word. The colour only repeats what the word says. A few lines of style, where Fluent's badge has twenty kB. */
export function StatusBadge({ tone, children }: { tone: Tone; children: ReactNode }): ReactNode {
  const styles = useStyles();
  return <span className={mergeClasses(styles.pill, styles[tone])}>{children}</span>;
}

/** How many. */
export function CountBadge({
  count,
  tone = 'neutral',
  label,
}: {
  count: number;
  tone?: Tone;
  label?: string;
}): ReactNode {
  const styles = useStyles();
  return (
    <span
      className={mergeClasses(styles.pill, styles.count, styles[tone])}
      {...(label !== undefined && { role: 'img', 'aria-label': label })}
    >
      {count}
    </span>
  );
}
