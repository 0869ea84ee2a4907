import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { auditBug, type AuditResult } from './bugs/bugs.ts';
import { type Batch, runBatch } from './run-scenarios.ts';

/** Scenarios to run, with a bug planted or without. */
interface Job {
  bug?: string;
  first: number;
  seeds: number;
}

/** Threads that take jobs one after the other; each runs this file. */
export class ThreadPool {
  private readonly waiting: {
    job: Job;
    done: (result: unknown) => void;
    failed: (error: Error) => void;
  }[] = [];
  private readonly idle: Worker[];
  private readonly all: readonly Worker[];

  constructor(size: number) {
    this.all = Array.from({ length: size }, () => new Worker(new URL(import.meta.url)));
    this.idle = [...this.all];
  }

  run(first: number, seeds: number): Promise<Batch> {
    return this.send({ first, seeds }) as Promise<Batch>;
  }

  audit(bug: string, first: number, seeds: number): Promise<AuditResult> {
    return this.send({ bug, first, seeds }) as Promise<AuditResult>;
  }

  async end(): Promise<void> {
    await Promise.all(this.all.map((worker) => worker.terminate()));
  }

  private send(job: Job): Promise<unknown> {
    return new Promise((done, failed) => {
      this.waiting.push({ job, done, failed });
      this.next();
    });
  }

  private next(): void {
    if (this.waiting.length === 0) return;
    const worker = this.idle.pop();
    if (!worker) return;
    const { job, done, failed } = this.waiting.shift()!;
    worker.once('error', failed);
    worker.once('message', (result: unknown) => {
      worker.removeListener('error', failed);
      done(result);
      this.idle.push(worker);
      this.next();
    });
    worker.postMessage(job);
  }
}

if (!isMainThread) {
  // Errors are part of every scenario; collecting where each came from took a tenth of the time.
  Error.stackTraceLimit = 0;
  parentPort!.on('message', ({ bug, first, seeds }: Job) => {
    const work = bug === undefined ? runBatch(first, seeds) : auditBug(bug, first, seeds);
    void work.then((result) => parentPort!.postMessage(result));
  });
}
