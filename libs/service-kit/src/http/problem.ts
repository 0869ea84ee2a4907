import type { FieldError } from '@isthmus/domain';

export type { FieldError };

export interface ProblemDetails {
  status: number;
  /** Stable machine name, `urn:isthmus:problem:<code>`; a bare `<code>` is completed. */
  type: string;
  /** Identical for every occurrence of the type. */
  title: string;
  /** What happened, and to which thing. */
  detail?: string;
  /** The next step for the caller. */
  nextStep?: string;
  errors?: readonly FieldError[];
  retryAfterSeconds?: number;
  /** Extension members (RFC 9457, 3.2). */
  more?: Readonly<Record<string, unknown>>;
}

const prefix = 'urn:isthmus:problem:';
export const problemType = (code: string): string => prefix + code;

/** An error that knows its HTTP response (RFC 9457). Thrown at the HTTP edge only; the domain throws `DomainError`s. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail?: string;
  readonly nextStep?: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  readonly more?: Readonly<Record<string, unknown>>;

  constructor(details: ProblemDetails, options?: ErrorOptions) {
    super(details.detail ?? details.title, options);
    this.status = details.status;
    this.type = details.type.startsWith('urn:') ? details.type : prefix + details.type;
    this.title = details.title;
    this.detail = details.detail;
    this.nextStep = details.nextStep;
    this.errors = details.errors;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.more = details.more;
  }

  /** The last part of `type`, e.g. `not-found`. */
  get code(): string {
    return this.type.slice(this.type.lastIndexOf(':') + 1);
  }
}

/** 404 for a resource addressed by id. It is the same whether the resource does not exist or belongs to another tenant. */
export function notFound(kind: string, id: string): Problem {
  return new Problem({
    status: 404,
    type: 'not-found',
    title: 'Not found',
    detail: `There is no ${kind} ${id}.`,
    nextStep: `Use an id from the list of ${pluralOf(kind)}.`,
  });
}

/** The regular plural of an English noun: `country`, `countries`; `key`, `keys`; `address`, `addresses`. */
export const pluralOf = (noun: string): string =>
  /[^aeiou]y$/.test(noun)
    ? `${noun.slice(0, -1)}ies`
    : /(s|x|z|ch|sh)$/.test(noun)
      ? `${noun}es`
      : `${noun}s`;

/** Type and title by status, for errors that carry nothing but a status. */
const titles: Record<number, [type: string, title: string]> = {
  400: ['bad-request', 'The request cannot be understood'],
  401: ['unauthenticated', 'Authentication is required'],
  403: ['forbidden', 'Not allowed'],
  404: ['not-found', 'Not found'],
  405: ['method-not-allowed', 'This method is not allowed here'],
  406: ['not-acceptable', 'No acceptable representation'],
  408: ['request-timeout', 'The request took too long to arrive'],
  409: ['conflict', 'The request conflicts with the current state'],
  412: ['stale-version', 'The resource has changed'],
  413: ['body-too-large', 'The body is too large'],
  414: ['uri-too-long', 'The address is too long'],
  415: ['unsupported-media-type', 'The body must be JSON'],
  422: ['unprocessable', 'The request cannot be carried out'],
  428: ['precondition-required', 'A precondition is required'],
  429: ['too-many-requests', 'Too many requests'],
  431: ['headers-too-large', 'The headers are too large'],
  503: ['unavailable', 'Temporarily unavailable'],
  504: ['upstream-timeout', 'A dependency of this service did not respond in time'],
};

/** The codes of every problem that any service may respond with; those of its domain come on top. */
export const kitProblemTypes: readonly string[] = [
  ...Object.values(titles).map(([type]) => type),
  'bad-cursor',
  'bad-idempotency-key',
  'database-unavailable',
  'idempotency-key-in-use',
  'idempotency-key-required',
  'idempotency-key-reused',
  'if-match-required',
  'internal-error',
  'invalid-input',
  'issuer-unavailable',
  'nats.unavailable',
  'parked-message-failed-again',
  'request.disconnected',
  'request.no-responders',
  'request.timeout',
  'too-many-event-streams',
];

/** The default next step for a status. */
const nextSteps: Record<number, string> = {
  400: 'Correct the request and send it again.',
  403: 'Ask an administrator for a token with the required role.',
};

/** The problem that stands for a bare HTTP status; 500 reveals nothing internal. */
export function problemForStatus(status: number, detail?: string, cause?: unknown): Problem {
  const [type, title] =
    titles[status] ??
    (status < 500 ? ['bad-request', 'Bad request'] : ['internal-error', 'Internal server error']);
  if (status === 500) {
    const nextStep = 'Try again; if the error persists, report the correlation id.';
    return new Problem(
      { status, type: 'internal-error', title: 'Internal server error', nextStep },
      { cause },
    );
  }
  return new Problem({ status, type, title, detail, nextStep: nextSteps[status] }, { cause });
}

/** 503: the database cannot be reached just now. */
export function databaseUnavailable(cause: unknown): Problem {
  return new Problem(
    {
      status: 503,
      type: 'database-unavailable',
      title: 'The database cannot be reached',
      detail: 'Nothing was changed unless a transaction was being committed at that moment.',
      nextStep: 'Repeat the request, with the same Idempotency-Key if it had one.',
      retryAfterSeconds: 2,
    },
    { cause },
  );
}
