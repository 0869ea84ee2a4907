import { performance } from 'node:perf_hooks';
import { request, type Dispatcher } from 'undici';
import type { AttemptResult } from '../domain/judge-attempt.ts';
import { failureWord } from './failure-word.ts';
import { headOf } from './head-of.ts';

export interface Posting {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** From the first byte of ours to the last we read of the answer. */
  timeoutMs: number;
}

export interface PostResult extends AttemptResult {
  durationMs: number;
  responseHead?: string;
}

/** Thrown when we ourselves stopped: nothing is known of what the receiver did. */
export class PostStopped extends Error {
  override readonly name = 'PostStopped';
}

/**
 * Sends once. Whatever the receiver does is a result, not an error. Redirects are not followed: what is beyond them was not
 * checked, and is not who the endpoint's owner named.
 * @throws PostStopped when `stop` was aborted meanwhile
 */
export async function postWebhook(
  dispatcher: Dispatcher,
  { url, headers, body, timeoutMs }: Posting,
  stop: AbortSignal,
): Promise<PostResult> {
  const begun = performance.now();
  const took = (): number => Math.round(performance.now() - begun);
  const abort = new AbortController();
  const onStop = (): void => abort.abort(new PostStopped('Delivering stops.'));
  const timer = setTimeout(() => abort.abort(new DOMException('Too slow.', 'TimeoutError')), timeoutMs);
  stop.addEventListener('abort', onStop, { once: true });
  try {
    if (stop.aborted) onStop();
    const answer = await request(url, { method: 'POST', headers, body, dispatcher, signal: abort.signal });
    const retryAfter = answer.headers['retry-after'];
    const responseHead = await headOf(answer.body);
    return {
      status: answer.statusCode,
      ...(typeof retryAfter === 'string' && { retryAfter }),
      responseHead,
      durationMs: took(),
    };
  } catch (error) {
    if (stop.aborted) throw new PostStopped('Delivering stops.');
    return { error: failureWord(error), durationMs: took() };
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}
