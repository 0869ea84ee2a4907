import type { FaultKind } from './fault-kind.ts';

/** Does the work, then drops the connection in the middle of the body. */
export const cut: FaultKind = {
  send({ request, reply }, body) {
    const bytes = Buffer.from(body);
    reply.raw.writeHead(reply.statusCode, {
      'content-type': 'application/json',
      'content-length': bytes.length,
    });
    reply.raw.write(bytes.subarray(0, bytes.length >> 1), () => request.raw.socket.destroy());
    return true;
  },
};
