import { DomainError } from '@isthmus/domain';

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
