import type { ConformanceStep } from '../conformance-step.ts';
import { failureOf } from '../conformance-target.ts';

export const tokens: ConformanceStep = {
  name: 'tokens',
  kind: 'reads',
  async run({ client, session, assumptions }) {
    const answer = await session.requestToken(new AbortController().signal);
    const { expiresInSeconds } = answer.body as { expiresInSeconds?: unknown };
    const assumed = assumptions.tokenLifetimeFallbackSeconds;
    // The session's own token is older than the next one; does it still work? Not renewed, or we should never know.
    await client.signIn();
    await session.requestToken(new AbortController().signal);
    const call = { operation: 'conformance', method: 'GET', path: '/customers', timeoutMs: 60_000 } as const;
    const once = { harmless: true, retried: false, renewed: false };
    const failure = await failureOf(session.send({ ...call, ...once }, 'sync'));
    return [
      {
        subject: 'tokenLifetimeFallbackSeconds',
        assumed: String(assumed),
        observed: String(expiresInSeconds),
        holds: Number(expiresInSeconds) === assumed,
      },
      {
        subject: 'parallelTokensAllowed',
        assumed: String(assumptions.parallelTokensAllowed),
        observed: failure ? 'the older token was refused' : 'the older token still works',
        holds: assumptions.parallelTokensAllowed === !failure,
      },
    ];
  },
};
