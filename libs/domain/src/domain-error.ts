/** One bad field of the input; `field` is a path such as `a.b[0]`. */
export interface FieldError {
  field: string;
  message: string;
}

export interface DomainErrorOptions extends ErrorOptions {
  /** The next step for the caller. */
  nextStep?: string;
  /** Additional data for the caller, as members of the problem document: `{ offer }`. */
  details?: Readonly<Record<string, unknown>>;
  /** Errors of single fields of the input. */
  errors?: readonly FieldError[];
  /** Fields concerned, if the message of the error itself covers them completely. */
  fields?: readonly string[];
  /** Identical for every occurrence; derived from the class's name if absent (`ConnectorNotFound`: "Connector not found"). */
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

/** A string that is not a valid value. The message contains the kind, the string (shortened) and what would be accepted. */
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
