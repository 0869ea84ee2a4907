import { errorFor, Unavailable } from './problems.ts';

export interface SendOptions {
  /** How often a request that may be repeated is sent in all; 4 by default. */
  attempts: number;
  /** How long one attempt may take. */
  timeoutMs: number;
  /** The global `fetch` by default. Another one has to obey `init.signal`, which ends attempts that take too long. */
  fetch: (request: Request, init: { signal: AbortSignal }) => Promise<Response>;
}

const gone = new Set([429, 502, 503, 504]);
const longestWaitMs = 30_000;

/**
 * Sends a request, and repeats it while there is no response or one that says "later", provided that twice is the same as
 * once: it only reads, or has an Idempotency-Key or If-Match.
 * @param signal is not the request's: in Node, a signal within a Request has no effect any more once the Request is garbage-collected
 * @throws Unavailable when no attempt got a response
 */
export async function send(
  request: Request,
  options: SendOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<Response> {
  const { method, headers } = request;
  const repeatable = method === 'GET' || headers.has('idempotency-key') || headers.has('if-match');
  const attempts = repeatable ? options.attempts : 1;
  for (let attempt = 1; ; attempt += 1) {
    let waitMs = pause(attempt);
    try {
      const response = await attemptOf(request, options, signal);
      if (attempt >= attempts || !(await isLater(response))) return response;
      waitMs = retryAfter(response) ?? waitMs;
      await response.body?.cancel();
    } catch (error) {
      if (signal.aborted) throw error;
      if (attempt >= attempts) throw noResponse(request, error);
    }
    await wait(Math.min(waitMs, longestWaitMs), signal);
  }
}

/** With its body, except that of a stream or a file, which has as much time as it likes once it has begun. */
async function attemptOf(
  request: Request,
  { timeoutMs, fetch }: SendOptions,
  signal: AbortSignal,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new DOMException(`No response within ${timeoutMs} ms.`, 'TimeoutError')),
    timeoutMs,
  );
  try {
    const response = await fetch(request.clone(), { signal: AbortSignal.any([signal, late.signal]) });
    if (!/json/.test(response.headers.get('content-type') ?? '')) return response;
    const { status, statusText, headers } = response;
    return new Response(await response.text(), { status, statusText, headers });
  } finally {
    clearTimeout(timer);
  }
}

/** The first request with the same key may still be running. */
async function isLater(response: Response): Promise<boolean> {
  if (gone.has(response.status)) return true;
  if (response.status !== 409) return false;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return errorFor('', 409, body).is('idempotency-key-in-use');
}

/** In milliseconds; the header has seconds or a date. */
function retryAfter({ headers }: Response): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Longer each time, and not the same for everybody. */
export const pause = (attempt: number): number =>
  Math.min(250 * 2 ** (attempt - 1), longestWaitMs) * (0.5 + Math.random() / 2);

export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function noResponse({ method, url }: Request, cause: unknown): Unavailable {
  const call = `${method} ${new URL(url).pathname}`;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Unavailable(`${call}: there was no response: ${reason}`, call, undefined, { cause });
}
