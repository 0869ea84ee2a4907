import type { Batch } from './batch.ts';
import { add, nothing } from './batch.ts';
import { playStory } from './story.ts';

/** Plays one story and tells it step by step. */
export async function tellStory(seed: number, say: (line: string) => void): Promise<Batch> {
  const { orders, curable, unaided, violations } = await playStory(seed, undefined, say);
  for (const { id, ask, status, reason, cmpOrderId, askedAt, finishedAt } of orders) {
    const hours = finishedAt === null ? '?' : ((finishedAt - askedAt) / 3_600_000).toFixed(2);
    const about = `${id.slice(-4)} ${ask.kind.padEnd(16)} ${status.padEnd(12)}`;
    say(`${about} ${reason ?? ''} ${cmpOrderId ?? ''} after ${hours} h`);
  }
  for (const { rule, detail } of violations) say(`${rule}: ${detail}`);
  const found = violations.map((violation) => ({ seed, ...violation }));
  return add(nothing(), { seeds: 1, orders: orders.length, curable, unaided, ends: {}, violations: found });
}
