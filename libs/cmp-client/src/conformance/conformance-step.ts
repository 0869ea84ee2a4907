import type { Dispatcher } from 'undici';
import type { CmpAssumptions } from '../assumptions.ts';
import { CallBudget } from '../budget/call-budget.ts';
import { CmpSession } from '../call/cmp-session.ts';
import type { CmpConnection, CmpRequest } from '../call/exchange.ts';
import { CmpClient } from '../cmp-client.ts';
import { type CmpError, isCmpError } from '../errors.ts';
import type { Row } from '../records/fields.ts';

/** One thing learned about a CMP. */
export interface Observation {
  /** The assumption that it verifies, or what was examined if it verifies none. */
  subject: keyof CmpAssumptions | (string & {});
  assumed: string;
  observed: string;
  /** Whether the observation agrees with the assumption; undefined if this CMP's data cannot show it. */
  holds: boolean | undefined;
}

/** One question to a CMP. Steps only observe; they throw only what the client throws. */
export interface ConformanceStep {
  /** Its name in `docs/cmp-assumptions.md`. */
  name: string;
  /** `reads` only reads; `presses` uses up the call limit on purpose; `writes` changes things, and may cost money. */
  kind: 'reads' | 'presses' | 'writes';
  run(target: ConformanceTarget): Promise<Observation[]>;
}

export interface ConformanceOptions {
  dispatcher?: Dispatcher;
  assumptions?: Partial<CmpAssumptions>;
  /** Whether steps may use up the call limit. Default false. */
  press?: boolean;
  /** The subscription that writing steps may change; without it those steps are skipped. */
  writableSubscriptionId?: string;
}

type Query = NonNullable<CmpRequest['query']>;

/** The CMP account under test: the client as services use it, and raw responses. */
export class ConformanceTarget {
  readonly session: CmpSession;
  readonly client: CmpClient;
  readonly assumptions: CmpAssumptions;
  readonly writableSubscriptionId: string | undefined;
  readonly #connection: CmpConnection;
  readonly #options: ConformanceOptions;

  constructor(connection: CmpConnection, options: ConformanceOptions) {
    const { dispatcher, assumptions } = options;
    const budget = CallBudget.local({ assumptions });
    this.#connection = connection;
    this.#options = options;
    this.session = new CmpSession(connection, { dispatcher, assumptions, budget });
    this.client = new CmpClient(connection, { dispatcher, assumptions, budget }, this.session);
    this.assumptions = this.session.assumptions;
    this.writableSubscriptionId = options.writableSubscriptionId;
  }

  /** Returns a client for the same CMP with another connection, such as a wrong password, or without our own limit. */
  with(change: Partial<CmpConnection>, budget: CallBudget = this.session.budget): CmpClient {
    const { dispatcher, assumptions } = this.#options;
    return new CmpClient({ ...this.#connection, ...change }, { dispatcher, assumptions, budget });
  }

  /** A list as CMP returns it, with any parameters. */
  async list(path: string, query: Query = {}): Promise<{ data: Row[]; total: number }> {
    const { body } = await this.raw(path, query);
    const { data, pagination } = body as { data: Row[]; pagination: { total: number } };
    return { data, total: pagination.total };
  }

  raw(path: string, query: Query = {}) {
    const always = { method: 'GET', harmless: true, retried: true, renewed: true } as const;
    return this.session.send(
      { ...always, operation: `conformance ${path}`, path, query, timeoutMs: 60_000 },
      'sync',
    );
  }
}

/** The error of a call that is expected to fail; undefined if it did not. */
export async function expectedFailure(attempt: Promise<unknown>): Promise<CmpError | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (isCmpError(error)) return error;
    throw error;
  }
}
