import type { FastifyReply } from 'fastify';

export interface ServerSentEvent {
  /** Event name; `message` for the browser when absent. */
  event?: string;
  id?: string;
  /** Sent as JSON. */
  data: unknown;
}

export interface SseOptions {
  /** A comment line this often keeps proxies from closing an idle stream. */
  heartbeatMs?: number;
}

/**
 * Streams events to the client until the source ends, the client leaves or the service shuts down.
 * Use it as `return sse(reply, events)` in a handler that takes `@Res() reply` and is marked `@Produces('text/event-stream')`.
 */
export declare function sse(
  reply: FastifyReply,
  source: AsyncIterable<ServerSentEvent>,
  options?: SseOptions,
): Promise<void>;
