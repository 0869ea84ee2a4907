import { lineKey, lotsAt, lotsAtRenewal, seatsOf, type SeatLot } from '../nce/seat-lots.ts';
import type { SubscriptionLine } from './subscription-record.ts';

/** Lines with the lots of their seats. */
export interface LinesWithLots {
  lines: SubscriptionLine[] | null;
  lots: SeatLot[];
}

/** The lots of every line, with its name where there are several. */
export const lotsOfLines = (
  lines: readonly SubscriptionLine[],
  lotsOf: (line: SubscriptionLine) => SeatLot[],
): SeatLot[] =>
  lines.flatMap((line) =>
    lotsOf(line).map(({ seats, addedAt }) =>
      lines.length > 1 ? { seats, addedAt, line: lineKey(line) } : { seats, addedAt },
    ),
  );

/**
 * The lots of every line after a change of seats. What a line has more counts as added at `at`; a line that was not there
 * before was added then as a whole.
 * @param termStartedAt how old seats are of which no lots were kept
 */
export const lotsAfterChange = (
  before: LinesWithLots,
  lines: readonly SubscriptionLine[],
  at: number,
  termStartedAt: number | null,
): SeatLot[] =>
  lotsOfLines(lines, (line) => lotsAt(known(before, line, lines, termStartedAt ?? 0), line.seats, at));

function known(
  { lines, lots }: LinesWithLots,
  line: SubscriptionLine,
  after: readonly SubscriptionLine[],
  termStartedAt: number,
): SeatLot[] {
  const earlier = lines ?? [];
  // The only line stays the line it was, whatever CMP calls its product.
  if (earlier.length <= 1 && after.length === 1) return lots;
  const was = earlier.find((one) => lineKey(one) === lineKey(line));
  if (!was) return [];
  const own = earlier.length > 1 ? lots.filter((lot) => lot.line === lineKey(was)) : lots;
  return seatsOf(own) === was.seats ? own : lotsAtRenewal(was.seats, termStartedAt);
}
