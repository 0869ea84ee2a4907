export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: at(1) };
}

/** The value that `share` (0…1) of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}

/**
 * Runs the sides in turn, `pairs` times, and answers what each took. On a machine that others use too, only figures taken
 * next to each other may be divided by each other.
 */
export async function inTurns<Side extends string>(
  pairs: number,
  sides: Record<Side, () => Promise<number>>,
): Promise<Record<Side, number>[]> {
  const rounds: Record<Side, number>[] = [];
  for (let pair = 1; pair <= pairs; pair += 1) {
    const round = {} as Record<Side, number>;
    for (const side of Object.keys(sides) as Side[]) round[side] = await sides[side]();
    rounds.push(round);
    const shown = Object.entries<number>(round).map(([side, ms]) => `${side} ${Math.round(ms)}`);
    process.stderr.write(`  pair ${pair}: ${shown.join(', ')}\n`);
  }
  return rounds;
}

/** `1.23 × (1.10–1.40)`: the median, and the least and most of the single measurements. */
export function shownSpread({ median, min, max }: Spread, unit: string, digits = 2): string {
  return `${median.toFixed(digits)}${unit} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
