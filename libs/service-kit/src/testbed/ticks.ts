import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerSentEvent } from '../http/sse.ts';

/** How many streams are being read at the moment. */
export const readers = { count: 0 };

/** An endless stream. */
export async function* ticks(): AsyncGenerator<ServerSentEvent> {
  readers.count += 1;
  try {
    for (let n = 1; ; n += 1) {
      yield { event: 'tick', id: String(n), data: { n } };
      await sleep(20);
    }
  } finally {
    readers.count -= 1;
  }
}
