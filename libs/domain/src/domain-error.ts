/** One bad field of the input; `field` is a path such as `a.b[0]`. */
export interface FieldError {
  field: string;
  message: string;
}

export interface DomainErrorOptions extends ErrorOptions {
  /** What the caller can do about it. */
  nextStep?: string;
  /** Further facts a caller may see, as members of the problem document: `{ offer }`. */
  details?: Readonly<Record<string, unknown>>;
  /** What is wrong with single fields of the input. */
  errors?: readonly FieldError[];
  /** Fields the error is about when its own message says all there is to say about each. */
  fields?: readonly string[];
  /** The same for every occurrence; derived from the class's name if absent (`ConnectorNotFound`: "Connector not found"). */
  title?: string;
  /** For the few classes whose code varies; all others declare a static one. */
  code?: string;
}

/**
 * An error the domain foresees. A subclass declares its `code` and writes its message; which HTTP status it becomes is
 * decided at the edge, by code, and it crosses to other services with code, message and next step.
 *
 * ```ts
 * export class ConnectorNameTaken extends DomainError {
 *   static override readonly code = 'connector.name-taken';
 *   constructor(connectorName: string, options?: ErrorOptions) {
 *     super(`There is already a connector named "${connectorName}".`, {
 *       nextStep: 'Choose another name.',
 *       fields: ['name'],
 *       ...options,
 *     });
 *   }
 * }
 * ```
 */
export abstract class DomainError extends Error {
  static readonly code: string;
  /** Stable name for programs: `<subject>.<problem>`. */
  readonly code: string;
  readonly nextStep?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly FieldError[];
  readonly title?: string;

  constructor(message: string, options: DomainErrorOptions = {}) {
    const { nextStep, details, fields, errors, title, code = new.target.code, ...rest } = options;
    super(message, rest);
    this.name = new.target.name;
    this.code = code;
    if (nextStep !== undefined) this.nextStep = nextStep;
    if (details) this.details = details;
    if (title !== undefined) this.title = title;
    const whole = [message, nextStep].filter(Boolean).join(' ');
    const listed = errors ?? fields?.map((field) => ({ field, message: whole }));
    if (listed) this.errors = listed;
  }
}

/** A text that is not the value it should be. The message names the kind, the text (shortened) and what would be accepted. */
export class InvalidValue extends DomainError {
  static override readonly code = 'value.invalid';

  constructor(
    readonly kind: string,
    readonly text: string,
    readonly expected: string,
    options?: ErrorOptions,
  ) {
    super(`${JSON.stringify(text.slice(0, 60))} is not a ${kind}: ${expected}.`, options);
  }
}

/** A field is well formed but contradicts what is stored or another field. */
export class UnusableField extends DomainError {
  static override readonly code = 'input.unusable-field';
  constructor(
    readonly field: string,
    /** A sentence about the field. */
    detail: string,
    nextStep: string,
  ) {
    super(detail, { nextStep, fields: [field], title: 'A field cannot be used' });
  }
}
