import type { FaultKind } from './fault-kind.ts';

/** The right answer, called text/html. Seen on the production API's token resource. */
export const wrongContentType: FaultKind = {
  send({ reply }) {
    reply.header('content-type', 'text/html; charset=utf-8');
  },
};
