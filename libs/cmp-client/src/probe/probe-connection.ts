import { type Clock, systemClock } from '@isthmus/domain';
import type { Dispatcher } from 'undici';
import type { CmpAssumptions } from '../assumptions.ts';
import { CallBudget } from '../budget/call-budget.ts';
import type { CmpCall, CmpConnection } from '../call/exchange.ts';
import { CmpClient } from '../cmp-client.ts';
import type { ReadRecord } from '../records/read-record.ts';
import type { CmpProduct } from '../resources/products.ts';
import { diagnose, type ProbeCause, probeCauses, type ProbeStep, type ProbeStepName } from './probe-steps.ts';

export interface ProbeOptions {
  /** The one that the connector's calls use, so that its address rules apply here too. */
  dispatcher?: Dispatcher;
  /** The one that the connector's calls use; without it, one for this probe alone. */
  budget?: CallBudget;
  assumptions?: Partial<CmpAssumptions>;
  /** Deadline of the whole probe. Default 10 s. */
  deadlineMs?: number;
  clock?: Clock;
}

class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
  readonly code = 'cmp.probe-deadline-passed';
}

/**
 * Tries a connection step by step and stops at the first that fails, naming the cause and what to do about it.
 * Takes four calls of the budget and never longer than its deadline. Changes nothing at CMP.
 */
export async function* probeConnection(
  connection: CmpConnection,
  options: ProbeOptions = {},
): AsyncGenerator<ProbeStep> {
  const { deadlineMs = 10_000, clock = systemClock, dispatcher } = options;
  const timeout = deadlineMs / 1000;
  const assumptions = { ...options.assumptions, tokenTimeoutSeconds: timeout, readTimeoutSeconds: timeout };
  const budget = options.budget ?? CallBudget.local({ assumptions, clock });
  const deadline = new AbortController();
  const over = new AbortController();
  clock.sleep(deadlineMs, over.signal).then(
    () => deadline.abort(new DeadlinePassed(`The connection could not be verified within ${deadlineMs} ms.`)),
    () => undefined,
  );
  const { signal } = deadline;
  let since = clock.now();
  /** The latest call that got a response or failed by itself, in contrast to one that the deadline aborted. */
  let last: CmpCall | undefined;
  const onCall = (call: CmpCall) => {
    if (call.result !== 'aborted') last = call;
  };

  const passed = (step: ProbeStepName, detail: string): ProbeStep => {
    const ms = clock.now() - since;
    since = clock.now();
    return { step, ok: true, detail, ms };
  };
  const failed = (
    step: ProbeStepName,
    cause: ProbeCause,
    detail: string,
    correlationId?: string,
  ): ProbeStep => {
    const { field, mend } = probeCauses[cause];
    return { step, ok: false, cause, field, detail, mend, correlationId, ms: clock.now() - since };
  };
  const failedBy = (step: ProbeStepName, error: unknown): ProbeStep => {
    if (error instanceof DeadlinePassed) {
      if (budget.state().heldBackBy) return failed(step, 'throttled', error.message);
      if (!last || last.result === 'ok') return failed(step, 'timeout', error.message);
      const failure = last.httpStatus ? `answered HTTP ${last.httpStatus}` : 'failed';
      const detail = `Every call within ${deadlineMs} ms ${failure} (${last.result}, ${last.attempt} tries).`;
      return failed(step, 'cmp-down', detail, last.correlationId);
    }
    const diagnosis = diagnose(error);
    if (!diagnosis) throw error;
    return failed(diagnosis.step ?? step, diagnosis.cause, diagnosis.detail, diagnosis.correlationId);
  };

  try {
    const host = hostOf(connection.apiUrl);
    if (!host) return yield failed('address', 'wrong-url', `"${connection.apiUrl}" is not a web address.`);
    const client = new CmpClient(connection, { dispatcher, budget, assumptions, clock, onCall });

    let step: ProbeStepName = 'reach';
    try {
      await client.signIn(signal);
      yield* signedIn(passed, host, connection);
      step = 'customers';
      const customers = await client.customers.page({ limit: 1 }, { signal });
      const owner = customers.records.map((record) => (record.ok ? record.value.resellerId : undefined))[0];
      if (connection.accountId && owner && owner !== connection.accountId) {
        const detail = `The credentials belong to account ${owner}, not to ${connection.accountId}.`;
        return yield failed('account-id', 'account-id', detail, customers.correlationId);
      }
      yield passed(
        'account-id',
        owner ? `The credentials belong to account ${owner}.` : 'CMP does not show the account.',
      );
      yield passed('customers', `CMP lists ${customers.total} customers.`);
      step = 'products';
      const products = await client.products.page({ limit: 10 }, { signal });
      yield passed('products', `CMP lists ${products.total} products.`);
      const shown = currenciesOf(products.records);
      const { currency } = connection;
      if (currency && shown.length > 0 && !shown.includes(currency)) {
        const detail = `CMP shows prices in ${shown.join(', ')}, not in ${currency}.`;
        return yield failed('currency', 'currency', detail, products.correlationId);
      }
      yield passed(
        'currency',
        shown.length > 0 ? `CMP shows prices in ${shown.join(', ')}.` : 'CMP shows no prices.',
      );
    } catch (error) {
      const failure = failedBy(step, error);
      if (step === 'reach') yield* stepsBefore(failure.step, passed, host);
      yield failure;
    }
  } finally {
    over.abort();
  }
}

/** CMP has no account settings to read: only the prices that it shows the account reveal its currency. */
function currenciesOf(products: readonly ReadRecord<CmpProduct>[]): string[] {
  const listed = products.flatMap((product) => (product.ok ? [product.value] : []));
  const amounts = listed.flatMap(({ prices, costs }) => [...costs, ...prices]);
  return [...new Set(amounts.map(({ currency }) => currency.toUpperCase()))].sort();
}

type Passed = (step: ProbeStepName, detail: string) => ProbeStep;

/** The steps that a token proves. CMP's gateway checks the key first, then CMP checks the user, then the marketplace. */
function* signedIn(passed: Passed, host: string, { marketplace }: CmpConnection): Generator<ProbeStep> {
  yield* stepsBefore('credentials', passed, host);
  yield passed('credentials', 'CMP accepts the user name and password.');
  yield passed('marketplace', `CMP opened a session in the marketplace "${marketplace}".`);
}

/** The steps that must have succeeded before a failure at `step`. */
function* stepsBefore(step: ProbeStepName, passed: Passed, host: string): Generator<ProbeStep> {
  if (step === 'address') return;
  yield passed('address', `${host} has an address.`);
  if (step === 'reach') return;
  yield passed('reach', `${host} answers.`);
  if (step === 'subscription-key') return;
  yield passed('subscription-key', 'CMP accepts the subscription key.');
  if (step === 'marketplace') yield passed('credentials', 'CMP accepts the user name and password.');
}

function hostOf(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.host : undefined;
}
