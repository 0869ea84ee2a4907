import type { ConformanceStep, Observation } from '../conformance-step.ts';
import { failureOf, type ConformanceTarget } from '../conformance-target.ts';
import { CmpRejected, type CmpRejectionCategory } from '../../errors/cmp-rejected.error.ts';
import type { CmpConnection } from '../../cmp-connection.ts';

const cases: [string, Partial<CmpConnection>, CmpRejectionCategory][] = [
  ['a wrong password', { password: 'certainly-not-the-password' }, 'credentials'],
  ['a wrong subscription key', { subscriptionKey: '0123456789abcdef0123456789abcdef' }, 'subscription-key'],
  ['a wrong marketplace', { marketplace: 'zz' }, 'marketplace'],
];

/** How refused credentials read: Verify Connectivity tells them apart by these answers. */
export const refusals: ConformanceStep = {
  name: 'refusals',
  kind: 'reads',
  async run(target) {
    const observations: Observation[] = [];
    for (const [subject, change, category] of cases)
      observations.push(await observe(target, subject, change, category));
    const unknown = await failureOf(target.client.subscriptions.get('999999999'));
    return [...observations, observation('an unknown subscription', 'not-found', unknown)];
  },
};

async function observe(
  target: ConformanceTarget,
  subject: string,
  change: Partial<CmpConnection>,
  category: CmpRejectionCategory,
) {
  return observation(subject, category, await failureOf(target.with(change).signIn()));
}

function observation(subject: string, assumed: string, failure: Error | undefined): Observation {
  const found = failure instanceof CmpRejected ? failure.category : (failure?.name ?? 'accepted');
  const { httpStatus, cmpMessage } = (failure ?? {}) as Partial<CmpRejected>;
  const observed = failure ? `${found} (${httpStatus}: ${cmpMessage ?? ''})` : found;
  return { subject, assumed, observed, holds: found === assumed };
}
