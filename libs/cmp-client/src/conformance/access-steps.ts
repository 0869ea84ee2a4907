import { CallBudget } from '../budget/call-budget.ts';
import type { CmpConnection } from '../call/exchange.ts';
import { CmpRejected, type CmpRejectionCategory, CmpThrottled } from '../errors.ts';
import {
  type ConformanceStep,
  type ConformanceTarget,
  expectedFailure,
  type Observation,
} from './conformance-step.ts';

export const tokens: ConformanceStep = {
  name: 'tokens',
  kind: 'reads',
  async run({ client, session, assumptions }) {
    const response = await session.requestToken(new AbortController().signal);
    const { expiresInSeconds } = response.body as { expiresInSeconds?: unknown };
    const assumed = assumptions.tokenLifetimeFallbackSeconds;
    // The session's own token is older than the next one; does it still work? Not renewed, or we should never know.
    await client.signIn();
    await session.requestToken(new AbortController().signal);
    const call = { operation: 'conformance', method: 'GET', path: '/customers', timeoutMs: 60_000 } as const;
    const once = { harmless: true, retried: false, renewed: false };
    const failure = await expectedFailure(session.send({ ...call, ...once }, 'sync'));
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
        observed: failure ? 'the older token was rejected' : 'the older token still works',
        holds: assumptions.parallelTokensAllowed === !failure,
      },
    ];
  },
};

const cases: [string, Partial<CmpConnection>, CmpRejectionCategory][] = [
  ['a wrong password', { password: 'certainly-not-the-password' }, 'credentials'],
  ['a wrong subscription key', { subscriptionKey: '0123456789abcdef0123456789abcdef' }, 'subscription-key'],
  ['a wrong marketplace', { marketplace: 'zz' }, 'marketplace'],
];

/** The responses to rejected credentials, by which Verify Connectivity distinguishes them. */
export const refusals: ConformanceStep = {
  name: 'refusals',
  kind: 'reads',
  async run(target) {
    const observations: Observation[] = [];
    for (const [subject, change, category] of cases)
      observations.push(await observe(target, subject, change, category));
    const unknown = await expectedFailure(target.client.subscriptions.get('999999999'));
    return [...observations, observation('an unknown subscription', 'not-found', unknown)];
  },
};

async function observe(
  target: ConformanceTarget,
  subject: string,
  change: Partial<CmpConnection>,
  category: CmpRejectionCategory,
) {
  return observation(subject, category, await expectedFailure(target.with(change).signIn()));
}

function observation(subject: string, assumed: string, failure: Error | undefined): Observation {
  const found = failure instanceof CmpRejected ? failure.category : (failure?.name ?? 'accepted');
  const { httpStatus, cmpMessage } = (failure ?? {}) as Partial<CmpRejected>;
  const observed = failure ? `${found} (${httpStatus}: ${cmpMessage ?? ''})` : found;
  return { subject, assumed, observed, holds: found === assumed };
}

const maxCalls = 400;

/** Makes calls until CMP rejects one. Counts how many succeeded within a minute and which wait the rejection requests. */
export const rateLimit: ConformanceStep = {
  name: 'rate limit',
  kind: 'presses',
  async run(target) {
    const { assumptions, session } = target;
    const { clock } = session;
    // Sent like orders, which are not repeated: a read would wait for the limit and continue.
    const client = target.with({}, CallBudget.unlimited());
    await client.signIn();
    const started = clock.now();
    let passed = 0;
    let failure: Awaited<ReturnType<typeof expectedFailure>>;
    while (passed < maxCalls && !failure && clock.now() - started < 60_000) {
      failure = await expectedFailure(
        client.parameters.validate({ customerId: '0', type: 'sales', products: [] }),
      );
      if (!(failure instanceof CmpThrottled)) {
        failure = undefined;
        passed++;
      }
    }
    const seconds = Math.round((clock.now() - started) / 1000);
    const limit = assumptions.callsPerMinute;
    const observed = `${passed} calls passed in ${seconds} s${failure ? '' : ', none was rejected'}`;
    return [
      {
        subject: 'callsPerMinute',
        assumed: String(limit),
        observed,
        // Calls of other steps in the same minute count too, so fewer may succeed here.
        holds: failure && limit !== null ? passed <= limit : limit === null ? true : undefined,
      },
      {
        subject: 'retryAfterFallbackSeconds',
        assumed: 'CMP reports how long to wait',
        observed: failure
          ? `wait ${(failure.retryAfterMs ?? 0) / 1000} s: ${failure.cmpMessage ?? ''}`
          : 'no refusal',
        holds: failure ? failure.retryAfterMs !== assumptions.retryAfterFallbackSeconds * 1000 : undefined,
      },
    ];
  },
};
