import { CallBudget } from '../../budget/call-budget.ts';
import { CmpThrottled } from '../../errors/cmp-throttled.error.ts';
import type { ConformanceStep } from '../conformance-step.ts';
import { failureOf } from '../conformance-target.ts';

const most = 400;

/** Calls until CMP says stop. Counts how many went through within a minute and what the refusal asks for. */
export const rateLimit: ConformanceStep = {
  name: 'rate limit',
  kind: 'presses',
  async run(target) {
    const { assumptions, session } = target;
    const { clock } = session;
    // Sent as orders are, which are not repeated: a read would wait for the limit and go on.
    const client = target.with({}, CallBudget.unlimited());
    await client.signIn();
    const started = clock.now();
    let passed = 0;
    let failure: Awaited<ReturnType<typeof failureOf>>;
    while (passed < most && !failure && clock.now() - started < 60_000) {
      failure = await failureOf(client.parameters.validate({ customerId: '0', type: 'sales', products: [] }));
      if (!(failure instanceof CmpThrottled)) {
        failure = undefined;
        passed++;
      }
    }
    const seconds = Math.round((clock.now() - started) / 1000);
    const limit = assumptions.callsPerMinute;
    const observed = `${passed} calls passed in ${seconds} s${failure ? '' : ', none was refused'}`;
    return [
      {
        subject: 'callsPerMinute',
        assumed: String(limit),
        observed,
        // What other steps sent in the same minute counts too, so fewer may pass here.
        holds: failure && limit !== null ? passed <= limit : limit === null ? true : undefined,
      },
      {
        subject: 'retryAfterFallbackSeconds',
        assumed: 'CMP says how long to wait',
        observed: failure
          ? `wait ${(failure.retryAfterMs ?? 0) / 1000} s: ${failure.cmpMessage ?? ''}`
          : 'no refusal',
        holds: failure ? failure.retryAfterMs !== assumptions.retryAfterFallbackSeconds * 1000 : undefined,
      },
    ];
  },
};
