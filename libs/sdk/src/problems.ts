import type { components as AccountSync } from './generated/account-sync.ts';
import type { components as ConnectorConfig } from './generated/connector-config.ts';
import type { components as ConsoleGateway } from './generated/console-gateway.ts';
import type { components as ProductCatalog } from './generated/product-catalog.ts';
import type { components as SubscriptionLifecycle } from './generated/subscription-lifecycle.ts';
import type { components as Webhooks } from './generated/webhooks.ts';

type ProblemOf<C extends { schemas: { Problem: { type: string } } }> = C['schemas']['Problem']['type'];
type ProblemType =
  | ProblemOf<AccountSync>
  | ProblemOf<ConnectorConfig>
  | ProblemOf<ConsoleGateway>
  | ProblemOf<ProductCatalog>
  | ProblemOf<SubscriptionLifecycle>
  | ProblemOf<Webhooks>;

/** What kinds of problems there are: the last part of a problem's type. */
export type ProblemCode = ProblemType extends infer T
  ? T extends `urn:isthmus:problem:${infer Code}`
    ? Code
    : never
  : never;

/** RFC 9457 problem details, with whatever members a kind of problem has of its own. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly nextStep?: string;
  readonly correlationId?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly [member: string]: unknown;
}

/** A call that failed; `problem` is the service's problem document, if there was a response. */
export class IsthmusError extends Error {
  override readonly name: string = 'IsthmusError';

  constructor(
    message: string,
    /** `GET /v1/orders` */
    readonly call: string,
    readonly problem?: Problem,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** 0 without a response. */
  get status(): number {
    return this.problem?.status ?? 0;
  }

  /** The last part of the problem's type, such as `order.quote-needed`. A newer service may have others. */
  get code(): ProblemCode | (string & {}) | undefined {
    return this.problem?.type.replace('urn:isthmus:problem:', '');
  }

  get nextStep(): string | undefined {
    return this.problem?.nextStep;
  }

  /** Finds the request in logs and traces. */
  get correlationId(): string | undefined {
    return this.problem?.correlationId;
  }

  is(code: ProblemCode): boolean {
    return this.code === code;
  }
}

/** 400: the fields in `errors` are not valid. */
export class InvalidInput extends IsthmusError {
  override readonly name = 'InvalidInput';
  get errors(): NonNullable<Problem['errors']> {
    return this.problem?.errors ?? [];
  }
}

/** 401 */
export class Unauthenticated extends IsthmusError {
  override readonly name = 'Unauthenticated';
}

/** 403: the role does not allow it. */
export class Forbidden extends IsthmusError {
  override readonly name = 'Forbidden';
}

/** 404, also for what belongs to another tenant. */
export class NotFound extends IsthmusError {
  override readonly name = 'NotFound';
}

/** 412: somebody changed it meanwhile. */
export class StaleVersion extends IsthmusError {
  override readonly name = 'StaleVersion';
}

/** 409, 422: as things stand, it cannot be done. */
export class Refused extends IsthmusError {
  override readonly name = 'Refused';
}

/** 429, 502 to 504, or no response at all. Requests that can be repeated safely have been repeated before. */
export class Unavailable extends IsthmusError {
  override readonly name = 'Unavailable';
}

/** What the caller waited for has not happened in time. It continues all the same; wait again with the same id. */
export class StillGoingOn extends IsthmusError {
  override readonly name = 'StillGoingOn';
}

const byStatus = new Map<number, typeof IsthmusError>([
  [400, InvalidInput],
  [401, Unauthenticated],
  [403, Forbidden],
  [404, NotFound],
  [409, Refused],
  [412, StaleVersion],
  [422, Refused],
  [429, Unavailable],
  [502, Unavailable],
  [503, Unavailable],
  [504, Unavailable],
]);

/** The error for a response that is not a success. */
export function errorFor(call: string, status: number, body: unknown): IsthmusError {
  const problem: Problem = isProblem(body) ? body : { type: 'about:blank', title: `HTTP ${status}`, status };
  const { title, detail, errors = [], nextStep } = problem;
  const fields = errors
    .filter(({ message }) => message !== detail)
    .map(({ field, message }) => `${field}: ${message}`)
    .join('; ');
  const words = [detail ?? title, fields, nextStep].filter(Boolean).join(' ');
  return new (byStatus.get(status) ?? IsthmusError)(`${call}: ${words}`, call, problem);
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'type' in body && 'title' in body && 'status' in body;
