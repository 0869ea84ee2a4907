import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Maximum number of open event streams of the caller; set by service-kit. */
    eventStreamsAllowed: number;
  }
}

export interface ServerSentEvent {
  /** Event name; `message` for the browser when absent. */
  event?: string;
  id?: string;
  /** Sent as JSON. */
  data: unknown;
}

interface SseOptions {
  /** Interval of comment lines, which keep proxies from closing an idle stream, and detect disconnected clients. */
  heartbeatMs?: number;
}

/** Open streams, each with its caller. */
const open = new Map<() => void, string>();

/** Ends every open stream; a service that shuts down would otherwise wait for them for ever. */
export function endEventStreams(): void {
  for (const end of [...open.keys()]) end();
}

/** The longest that a timer can wait. */
const maxTimeoutMs = 2 ** 31 - 1;

const callerOf = ({ principal, ip }: FastifyRequest): string =>
  principal ? `${principal.tenantId} ${principal.subject}` : ip;

/** @throws Problem 429 */
function requireRoom(request: FastifyRequest, caller: string): void {
  const most = request.eventStreamsAllowed;
  if ([...open.values()].filter((one) => one === caller).length < most) return;
  throw new Problem({
    status: 429,
    type: 'too-many-event-streams',
    title: 'Too many event streams',
    detail: `You have ${most} event streams open, the maximum for one caller.`,
    nextStep: 'Close one that is no longer needed.',
    retryAfterSeconds: 30,
  });
}

/**
 * Streams events to the client until the source ends, the client leaves, its token expires or the service shuts down; the source's
 * `return()` is called in every case. For a handler that takes `@Res() reply` and is marked `@Produces('text/event-stream')`:
 * `return sse(reply, events)`.
 */
export async function sse(
  reply: FastifyReply,
  source: AsyncIterable<ServerSentEvent>,
  { heartbeatMs = 15_000 }: SseOptions = {},
): Promise<void> {
  const caller = callerOf(reply.request);
  requireRoom(reply.request, caller);
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    // Ended with the stream, so that a shutdown does not wait for the client to let go of an idle connection.
    connection: 'close',
  });
  raw.write(': open\n\n');
  const events = source[Symbol.asyncIterator]();
  const stopped = Promise.withResolvers<'stopped'>();
  const stop = (): void => stopped.resolve('stopped');
  const heartbeat = setInterval(() => raw.write(':\n\n'), heartbeatMs);
  const expiresAt = reply.request.principal?.expiresAt ?? Infinity;
  const expiry = setTimeout(stop, Math.min(Math.max(0, expiresAt - Date.now()), maxTimeoutMs));
  raw.once('close', stop);
  open.set(stop, caller);
  try {
    for (;;) {
      const next = await Promise.race([events.next(), stopped.promise]);
      if (next === 'stopped' || next.done) break;
      if (!raw.write(frame(next.value)))
        await Promise.race([new Promise((resolve) => raw.once('drain', resolve)), stopped.promise]);
    }
  } catch {
    // The response has begun: all we can do is report that the stream broke; the client reconnects and gets the error.
    raw.write('event: error\ndata: {"title":"The stream was interrupted"}\n\n');
  } finally {
    clearInterval(heartbeat);
    clearTimeout(expiry);
    open.delete(stop);
    raw.off('close', stop);
    raw.end();
    // Not awaited: a generator that is itself waiting for the next event would block here.
    void events.return?.(undefined).catch(() => undefined);
  }
}

function frame({ event, id, data }: ServerSentEvent): string {
  const head = `${event ? `event: ${event}\n` : ''}${id ? `id: ${id}\n` : ''}`;
  return `${head}data: ${JSON.stringify(data)}\n\n`;
}
