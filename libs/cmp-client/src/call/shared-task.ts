/**
 * Work that several callers wait for. One of them giving up must not take it from the others; when all have given up,
 * the work is called off.
 */
export class SharedTask<T> {
  /** Resolves when the work has ended, well or not, or is called off. */
  readonly over: Promise<void>;
  private readonly result: Promise<T>;
  private readonly calledOff = new AbortController();
  private waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.result = work(this.calledOff.signal);
    const off = new Promise<void>((resolve) =>
      this.calledOff.signal.addEventListener('abort', () => resolve()),
    );
    const ended = this.result.then(
      () => undefined,
      () => undefined,
    );
    this.over = Promise.race([ended, off]);
  }

  get isOff(): boolean {
    return this.calledOff.signal.aborted;
  }

  /** The result of the work; rejects with the signal's reason when the caller gives up first. */
  async join(signal?: AbortSignal): Promise<T> {
    this.waiting++;
    try {
      return await (signal ? orGivenUp(this.result, signal) : this.result);
    } finally {
      this.waiting--;
      if (this.waiting === 0) this.calledOff.abort(signal?.reason);
    }
  }
}

function orGivenUp<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
