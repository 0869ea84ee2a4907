import { Worker } from 'node:worker_threads';
import type { Caught } from './audit.ts';
import type { Batch } from './batch.ts';
import type { Errand } from './crew-member.ts';

/** Threads that take errands one after the other. */
export class Crew {
  private readonly waiting: {
    errand: Errand;
    done: (answer: unknown) => void;
    failed: (error: Error) => void;
  }[] = [];
  private readonly idle: Worker[];
  private readonly all: readonly Worker[];

  constructor(size: number) {
    const member = new URL(
      `crew-member${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`,
      import.meta.url,
    );
    this.all = Array.from({ length: size }, () => new Worker(member));
    this.idle = [...this.all];
  }

  play(first: number, seeds: number): Promise<Batch> {
    return this.send({ first, seeds }) as Promise<Batch>;
  }

  audit(bug: string, first: number, seeds: number): Promise<Caught> {
    return this.send({ bug, first, seeds }) as Promise<Caught>;
  }

  async end(): Promise<void> {
    await Promise.all(this.all.map((worker) => worker.terminate()));
  }

  private send(errand: Errand): Promise<unknown> {
    return new Promise((done, failed) => {
      this.waiting.push({ errand, done, failed });
      this.next();
    });
  }

  private next(): void {
    if (this.waiting.length === 0) return;
    const worker = this.idle.pop();
    if (!worker) return;
    const { errand, done, failed } = this.waiting.shift()!;
    worker.once('error', failed);
    worker.once('message', (answer: unknown) => {
      worker.removeListener('error', failed);
      done(answer);
      this.idle.push(worker);
      this.next();
    });
    worker.postMessage(errand);
  }
}
