import type { ParameterError } from './nce/tenant-parameters.ts';

/** The parameters of a purchase cannot be right; CMP was not asked. */
export class TenantParametersRefused extends Error {
  override readonly name = 'TenantParametersRefused';
  readonly code = 'order.tenant-parameters-refused';
  readonly nextStep: string;
  /** Each with the path of its field. */
  readonly errors: { field: string; message: string }[];

  constructor(wrong: readonly ParameterError[]) {
    super(`CMP would not take the parameters: ${wrong.map(sentence).join('; ')}.`);
    this.nextStep = wrong.some(
      ({ name, message }) => name === 'microsoft_tenant_id' && message.startsWith('is needed'),
    )
      ? "Set customDomain of the customer's provider account in account-sync, or give the parameters listed in errors, and order again."
      : 'Mend the parameters listed in errors and order again.';
    this.errors = wrong.map((one) => ({ field: `parameters.${one.name}`, message: sentence(one) }));
  }
}

const sentence = ({ name, message }: ParameterError): string => `${name} ${message}`;
