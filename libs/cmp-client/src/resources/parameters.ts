import { FieldProblem, list, optionalId, optionalText, type Row, text } from '../records/fields.ts';
import type { CmpOrderRequestLine } from './orders.ts';
import { type CallOptions, type Sender, writeRequest } from './sender.ts';

export interface ParameterRequest {
  customerId: string;
  type: 'sales' | 'change';
  products: (CmpOrderRequestLine & { draftRequestId?: string })[];
}

/** Ordering parameters: domains, tenants, attestations. */
export class Parameters {
  constructor(private readonly sender: Sender) {}

  /** Returns CMP's evaluation per product, and the accepted values. Changes nothing. */
  validate(question: ParameterRequest, options?: CallOptions): Promise<CmpParameterValidation[]> {
    const { writeTimeoutSeconds } = this.sender.session.assumptions;
    const request = writeRequest(
      'parameters.validate',
      'POST',
      '/validation/parameters',
      question,
      writeTimeoutSeconds,
      options,
    );
    return this.sender.one({ ...request, harmless: true }, (row) => {
      if (!Array.isArray(row.data)) throw new FieldProblem('data', 'expected a list');
      return list(row, 'data', readParameterValidation).map((verdict) => this.withoutSecrets(verdict));
    });
  }

  /** Redacts its messages, which are shown to users and may echo the request. */
  private withoutSecrets(verdict: CmpParameterValidation): CmpParameterValidation {
    const shown = (text: string | undefined) => text && this.sender.session.secrets.redactKnown(text);
    const parameters = verdict.parameters.map((one) => ({
      ...one,
      message: shown(one.message),
      valueError: shown(one.valueError),
    }));
    return { ...verdict, parameters };
  }
}

/** CMP's evaluation of the ordering parameters of one product; it also shows which parameters the product has. */
export interface CmpParameterValidation {
  mpn?: string;
  vendor?: string;
  /** Handed back on the next round of the same draft. */
  draftRequestId?: string;
  parameters: CmpParameterResult[];
}

export interface CmpParameterResult {
  name: string;
  result: 'success' | 'error' | 'unknown';
  message?: string;
  value?: string;
  valueError?: string;
  /** The values that CMP accepts, if there is a choice. */
  valueChoices: { label?: string; value?: string }[];
}

export const readParameterValidation = (row: Row): CmpParameterValidation => ({
  mpn: optionalText(row, 'mpn'),
  vendor: optionalText(row, 'vendor'),
  draftRequestId: optionalId(row, 'draftRequestId'),
  parameters: list(row, 'parameters', readVerdict),
});

const readVerdict = (row: Row): CmpParameterResult => ({
  name: text(row, 'name'),
  result: row.result === 'success' || row.result === 'error' ? row.result : 'unknown',
  message: optionalText(row, 'message'),
  value: optionalText(row, 'value'),
  valueError: optionalText(row, 'valueError'),
  valueChoices: list(row, 'valueChoices', (choice) => ({
    label: optionalText(choice, 'label'),
    value: optionalText(choice, 'value'),
  })),
});
