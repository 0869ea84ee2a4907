import { playStory, type Outcome } from './story.ts';

/** Plays stories, prints what they came to, and answers whether nothing was violated and enough went unaided. */
export async function simulate(
  firstSeed: number,
  seeds: number,
  say: (line: string) => void,
  tell = false,
): Promise<boolean> {
  const startedAt = performance.now();
  const total = { orders: 0, curable: 0, unaided: 0, violated: 0 };
  const ends = new Map<string, number>();
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const outcome = await playStory(seed, undefined, tell ? say : undefined);
    total.orders += outcome.orders.length;
    total.curable += outcome.curable;
    total.unaided += outcome.unaided;
    for (const { status } of outcome.orders) ends.set(status, (ends.get(status) ?? 0) + 1);
    if (tell) tellStory(outcome, say);
    if (outcome.violations.length === 0) continue;
    total.violated += 1;
    for (const { rule, detail } of outcome.violations) say(`seed ${seed}: ${rule}: ${detail}`);
    say(`  replay: npm run simulate -- --seed ${seed}`);
  }
  const share = total.curable === 0 ? 1 : total.unaided / total.curable;
  const took = (performance.now() - startedAt) / 1000;
  say(
    `${seeds} seeds from ${firstSeed}: ${total.orders} orders in ${took.toFixed(1)} s; ` +
      `${[...ends].map(([status, count]) => `${count} ${status}`).join(', ')}.`,
  );
  say(`violated: ${total.violated}; ended unaided, where that was possible: ${(share * 100).toFixed(2)} %.`);
  // A handful of stories may all be hard ones; the share is a promise about many.
  return total.violated === 0 && (seeds < 100 || share >= 0.99);
}

function tellStory({ orders }: Outcome, say: (line: string) => void): void {
  for (const { id, ask, status, reason, cmpOrderId, askedAt, finishedAt } of orders) {
    const hours = finishedAt === null ? '?' : ((finishedAt - askedAt) / 3_600_000).toFixed(2);
    say(
      `${id.slice(-4)} ${ask.kind.padEnd(16)} ${status.padEnd(12)} ${reason ?? ''} ${cmpOrderId ?? ''} after ${hours} h`,
    );
  }
}
