import { FieldProblem, list } from '../records/fields.ts';
import { readParameterValidation, type CmpParameterValidation } from '../records/parameter-validation.ts';
import type { CmpOrderRequestLine } from '../records/order-request.ts';
import { writing, type CallOptions, type Sender } from './sender.ts';

export interface ParameterQuestion {
  customerId: string;
  type: 'sales' | 'change';
  products: (CmpOrderRequestLine & { draftRequestId?: string })[];
}

/** Ordering parameters: domains, tenants, attestations. */
export class Parameters {
  constructor(private readonly sender: Sender) {}

  /** CMP's verdict per product, and which values it would take. Changes nothing. */
  validate(question: ParameterQuestion, options?: CallOptions): Promise<CmpParameterValidation[]> {
    const { writeTimeoutSeconds } = this.sender.session.assumptions;
    const request = writing(
      'parameters.validate',
      'POST',
      '/validation/parameters',
      question,
      writeTimeoutSeconds,
      options,
    );
    return this.sender.one({ ...request, harmless: true }, (row) => {
      if (!Array.isArray(row.data)) throw new FieldProblem('data', 'expected a list');
      return list(row, 'data', readParameterValidation);
    });
  }
}
