import { Agent } from 'undici';
import { pageReader } from '../floors/read-pages.ts';
import type { SyncStack } from './sync-stack.ts';

/** From page to page by the floor's way of reading, and by the worker's, whose pages overlap. */
const strides = [500, 490];

/** Renames some subscriptions, spread over the whole list, and has all pages made anew for both sides of a comparison. */
export async function changeNames(stack: SyncStack, count: number, round: number): Promise<void> {
  const agent = new Agent();
  const read = await pageReader(stack.apiUrl, agent);
  const { total } = (await read(0)).pagination;
  const step = Math.floor(total / count);
  for (let n = 0; n < count; n += 1) {
    const row = n * step + round;
    const { data } = await read(row - (row % strides[0]!));
    const { id } = data[row % strides[0]!]!;
    await stack.control.patchSubscription(id, { name: `Renamed in round ${round}`, viaOrder: false });
  }
  await stack.forgetPages();
  for (const stride of strides) for (let offset = 0; offset < total; offset += stride) await read(offset);
  await agent.close();
}
