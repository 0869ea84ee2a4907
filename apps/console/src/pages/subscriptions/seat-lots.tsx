import type { ReactNode } from 'react';
import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import type { Subscription } from '../../parts/subscription/subscription.ts';
import { subscriptions } from '../../texts/subscriptions.ts';

const useStyles = makeStyles({
  lots: { display: 'grid', gap: tokens.spacingVerticalS },
  bar: { display: 'flex', gap: '2px', height: '1.75rem' },
  lot: {
    minWidth: '1.5rem',
    display: 'grid',
    placeItems: 'center',
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorNeutralBackground5,
    color: tokens.colorNeutralForeground1,
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    fontSize: tokens.fontSizeBase200,
  },
  open: {
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorBrandForeground2,
    borderTopStyle: 'dashed',
    borderRightStyle: 'dashed',
    borderBottomStyle: 'dashed',
    borderLeftStyle: 'dashed',
  },
  scroll: { overflowX: 'auto' },
  table: {
    borderCollapse: 'collapse',
    '& th, & td': {
      textAlign: 'start',
      padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
      borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    },
  },
});

/** When seats were added, and which of them may still be dropped: as a picture, in a sentence each, and as a table. */
export function SeatLots({ subscription }: { subscription: Subscription }): ReactNode {
  const { seatLots, seats, lines } = subscription;
  const t = useTexts(subscriptions);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  if (!seatLots || seatLots.length === 0) return <Text>{t('noLots')}</Text>;
  const names = new Map(lines.map(({ mpn, name }) => [mpn, name]));
  const sorted = [...seatLots].sort((a, b) => Date.parse(a.addedAt) - Date.parse(b.addedAt));
  const reducible = sorted.reduce((sum, lot) => sum + (lot.reducibleUntil ? lot.seats : 0), 0);
  return (
    <div className={styles.lots}>
      <Text>
        {t('lotsLead', { seats: seats ?? 0, reducible })}
        {reducible > 0 && reducible === seats && ` ${t('lotsAll')}`}
      </Text>
      {/* The table says the same. */}
      <div className={styles.bar} aria-hidden>
        {sorted.map((lot, index) => (
          <div
            key={`${lot.addedAt} ${index}`}
            className={mergeClasses(styles.lot, lot.reducibleUntil !== null && styles.open)}
            style={{ flexGrow: lot.seats, flexBasis: 0 }}
          >
            {lot.seats}
          </div>
        ))}
      </div>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('lots')}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('seats')}</th>
              {lines.length > 1 && <th scope="col">{t('line')}</th>}
              <th scope="col">{t('added')}</th>
              <th scope="col">{t('droppable')}</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ seats: count, addedAt, reducibleUntil, line }, index) => (
              <tr key={`${addedAt} ${index}`}>
                <td>{format.number(count)}</td>
                {lines.length > 1 && <td>{line ? (names.get(line) ?? line) : t('allLines')}</td>}
                <td>{format.moment(addedAt)}</td>
                <td>
                  {reducibleUntil
                    ? t('droppableUntil', {
                        time: format.moment(reducibleUntil),
                        ago: format.ago(reducibleUntil),
                      })
                    : t('noWindow')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
