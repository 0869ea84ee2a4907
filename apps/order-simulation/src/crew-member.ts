import { parentPort } from 'node:worker_threads';
import { auditBug } from './audit.ts';
import { playBatch } from './batch.ts';

/** Stories to play, with a bug planted or without. */
export interface Errand {
  bug?: string;
  first: number;
  seeds: number;
}

// Errors are part of every story; collecting where each came from took a tenth of the time.
Error.stackTraceLimit = 0;

parentPort!.on('message', ({ bug, first, seeds }: Errand) => {
  const work = bug === undefined ? playBatch(first, seeds) : auditBug(bug, first, seeds);
  void work.then((answer) => parentPort!.postMessage(answer));
});
