import type { FastifyReply } from 'fastify';

export interface ServerSentEvent {
  /** Event name; `message` for the browser when absent. */
  event?: string;
  id?: string;
  /** Sent as JSON. */
  data: unknown;
}

interface SseOptions {
  /** A comment line this often keeps proxies from closing an idle stream, and finds clients that are gone. */
  heartbeatMs?: number;
}

const open = new Set<() => void>();

/** Ends every open stream; a service that shuts down would otherwise wait for them for ever. */
export function endEventStreams(): void {
  for (const end of [...open]) end();
}

/**
 * Streams events to the client until the source ends, the client leaves or the service shuts down; the source's
 * `return()` is called in every case. For a handler that takes `@Res() reply` and is marked `@Produces('text/event-stream')`:
 * `return sse(reply, events)`.
 */
export async function sse(
  reply: FastifyReply,
  source: AsyncIterable<ServerSentEvent>,
  { heartbeatMs = 15_000 }: SseOptions = {},
): Promise<void> {
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
  raw.once('close', stop);
  open.add(stop);
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
