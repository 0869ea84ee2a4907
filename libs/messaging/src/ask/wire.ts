/** What Nest's own NATS client sends and expects, so that either side may be plain Nest. */
export interface AskRequest {
  pattern: string;
  data: unknown;
  id: string;
}

export interface AskReply {
  id: string;
  isDisposed: true;
  response?: unknown;
  err?: { code: string; message: string; nextStep?: string };
}

/** When nobody waits any more, in milliseconds since 1970. */
export const deadlineHeader = 'isthmus-deadline';
export const correlationHeader = 'isthmus-correlation-id';

/** Half of what a NATS server takes by default: beyond it, page. */
export const largestBytes = 512 * 1024;
