import type { FieldError } from '@isthmus/domain';

export type { FieldError };

export interface ProblemFacts {
  status: number;
  /** Stable machine name, `urn:isthmus:problem:<code>`; a bare `<code>` is completed. */
  type: string;
  /** The same for every occurrence of the type. */
  title: string;
  /** What happened this time, to which thing. */
  detail?: string;
  /** What the caller can do about it. */
  nextStep?: string;
  errors?: readonly FieldError[];
  retryAfterSeconds?: number;
  /** Further members of the answer (RFC 9457, 3.2). */
  more?: Readonly<Record<string, unknown>>;
}

const prefix = 'urn:isthmus:problem:';

/** An error that knows its HTTP answer (RFC 9457). Thrown at the HTTP edge only; `domain/` throws its own errors. */
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

  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.detail ?? facts.title, options);
    this.status = facts.status;
    this.type = facts.type.startsWith('urn:') ? facts.type : prefix + facts.type;
    this.title = facts.title;
    this.detail = facts.detail;
    this.nextStep = facts.nextStep;
    this.errors = facts.errors;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.more = facts.more;
  }

  /** The last part of `type`, e.g. `not-found`. */
  get code(): string {
    return this.type.slice(this.type.lastIndexOf(':') + 1);
  }
}

/** 404 for a thing addressed by id. It says the same whether the thing is absent or another tenant's. */
export function notFound(kind: string, id: string): Problem {
  return new Problem({
    status: 404,
    type: 'not-found',
    title: 'Not found',
    detail: `There is no ${kind} ${id}.`,
    nextStep: `List the ${pluralOf(kind)} and take an id from there.`,
  });
}

/** The regular plural of an English noun: `country`, `countries`; `key`, `keys`; `address`, `addresses`. */
export const pluralOf = (noun: string): string =>
  /[^aeiou]y$/.test(noun)
    ? `${noun.slice(0, -1)}ies`
    : /(s|x|z|ch|sh)$/.test(noun)
      ? `${noun}es`
      : `${noun}s`;
