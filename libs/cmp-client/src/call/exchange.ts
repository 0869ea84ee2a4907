import type { Clock } from '@isthmus/domain';
import { request as send, type Dispatcher } from 'undici';
import { CmpUnavailable } from '../errors/cmp-unavailable.error.ts';
import { outcomeFor } from './cmp-request.ts';
import { transportFault } from './transport-fault.ts';

export interface ExchangeRequest {
  operation: string;
  url: string;
  method: 'GET' | 'POST' | 'PATCH';
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** What came back, whatever it is. */
export interface Exchange {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
  readonly code = 'cmp.time-is-up';
}

/**
 * One HTTP exchange, without redirects and without retries. Throws {@link CmpUnavailable} when there is no answer,
 * and the signal's reason when the caller gives up on a read.
 */
export async function exchange(
  { operation, url, method, headers, body, timeoutMs, signal }: ExchangeRequest,
  dispatcher: Dispatcher,
  clock: Clock,
): Promise<Exchange> {
  const late = new AbortController();
  const over = new AbortController();
  clock.sleep(timeoutMs, over.signal).then(
    () => late.abort(new TimeIsUp(`No answer within ${timeoutMs} ms.`)),
    () => undefined,
  );
  try {
    const answer = await send(url, {
      method,
      headers,
      body,
      dispatcher,
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  } catch (cause) {
    if (signal?.aborted && (method === 'GET' || operation === 'token')) throw signal.reason;
    const fault = late.signal.aborted ? timedOut : transportFault(cause);
    throw new CmpUnavailable(
      fault.reason,
      { operation, outcome: outcomeFor(operation, fault.outcome) },
      { cause },
    );
  } finally {
    over.abort();
  }
}

const timedOut = { reason: 'timeout', outcome: 'unknown' } as const;
