import type { ParameterError } from './nce/tenant-parameters.ts';

/** The parameters of a purchase cannot be right; CMP was not asked. */
export class TenantParametersRefused extends Error {
  override readonly name = 'TenantParametersRefused';
  readonly code = 'order.tenant-parameters-refused';
  readonly nextStep = 'Mend the parameters listed in errors and order again.';
  /** Each with the path of its field. */
  readonly errors: { field: string; message: string }[];

  constructor(wrong: readonly ParameterError[]) {
    super(`CMP would not take the parameters: ${wrong.map(sentence).join('; ')}.`);
    this.errors = wrong.map((one) => ({ field: `parameters.${one.name}`, message: sentence(one) }));
  }
}

const sentence = ({ name, message }: ParameterError): string => `${name} ${message}`;
