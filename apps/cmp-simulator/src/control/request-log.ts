import { createHash } from 'node:crypto';

/** One call as it came in and how it was answered; secrets never. */
export interface RequestEntry {
  sequence: number;
  /** Real time, ISO 8601 with milliseconds. */
  at: string;
  method: string;
  /** Without the marketplace prefix: `/orders/2000001`. */
  path: string;
  query: Record<string, unknown>;
  /** Marketplace code; absent when the subscription key is unknown. */
  account?: string | undefined;
  /** The first 16 hexadecimal digits of the SHA-256 of the bearer token. */
  tokenHash?: string | undefined;
  correlationId: string;
  /** Null until answered. */
  status: number | null;
  ms: number | null;
  /** Kinds of the faults that were applied. */
  faults: string[];
}

const keptAtMost = 200_000;

/** Every call since the start or the last clearing; the oldest are dropped when there are very many. */
export class RequestLog {
  entries: RequestEntry[] = [];
  private sequence = 0;

  open(
    entry: Pick<RequestEntry, 'method' | 'path' | 'query' | 'correlationId'> & { token?: string | undefined },
  ): RequestEntry {
    const { token, ...rest } = entry;
    const opened: RequestEntry = {
      sequence: ++this.sequence,
      at: new Date().toISOString(),
      ...rest,
      status: null,
      ms: null,
      faults: [],
    };
    if (token) opened.tokenHash = createHash('sha256').update(token).digest('hex').slice(0, 16);
    this.entries.push(opened);
    if (this.entries.length > keptAtMost) this.entries = this.entries.slice(-keptAtMost / 2);
    return opened;
  }

  clear(): void {
    this.entries = [];
  }
}
