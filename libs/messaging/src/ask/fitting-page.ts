import { largestBytes } from './wire.ts';

/** What an answer needs beside its items: its envelope and a cursor. */
const room = 8 * 1024;

/** As many of the items, from the first on, as one answer can carry; at least one, so that paging always gets on. */
export function fittingPage<T>(items: readonly T[], bytes = largestBytes - room): T[] {
  let left = bytes;
  const end = items.findIndex((item, index) => {
    left -= Buffer.byteLength(JSON.stringify(item)) + 1;
    return left < 0 && index > 0;
  });
  return end < 0 ? [...items] : items.slice(0, end);
}
