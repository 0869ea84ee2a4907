import type { CallOptions, CmpOrderRequest, CmpParameterValidation } from '@isthmus/cmp-client';
import { acceptedAttestation, attestationParameter } from '../domain/nce/microsoft-parameters.ts';
import { acceptanceNeeded, type Acceptance, type CmpSigns } from '../domain/order/cmp-signs.ts';
import type { CreateAsk, OrderParameter } from '../domain/order/order-ask.ts';
import type { CmpOrdering } from './cmp-ordering.ts';

/** What CMP makes of the parameters of a purchase. */
export interface JudgedParameters {
  /** CMP's objections, in its words; none: it takes them. */
  objections: string[];
  /** With what was added because CMP asked for it. */
  parameters: OrderParameter[];
  /** CMP asks for the partner-of-record attestation, and nobody has recorded one. */
  attestationMissing: boolean;
  /** The customer has to accept something first. */
  acceptance: Acceptance | null;
}

/**
 * Has CMP judge the parameters of a purchase. The partner-of-record attestation is added when CMP asks for it and it was
 * recorded for the connector; a person's own is left as it is.
 */
export async function judgeParameters(
  cmp: Pick<CmpOrdering, 'parameters' | 'partnerAttestation'>,
  ask: CreateAsk,
  request: CmpOrderRequest,
  signs: CmpSigns,
  options?: CallOptions,
): Promise<JudgedParameters> {
  const { customerId, products = [] } = request;
  const none = { objections: [], parameters: ask.parameters, attestationMissing: false, acceptance: null };
  if (ask.parameters.length === 0 && !/^microsoft/i.test(ask.product.vendor.trim())) return none;
  const validate = (parameters: OrderParameter[]) =>
    cmp.parameters.validate(
      { customerId, type: 'sales', products: products.map((line) => ({ ...line, parameters })) },
      options,
    );
  let { parameters } = ask;
  let verdicts = await validate(parameters);
  const lacking =
    objected(verdicts).some(({ name }) => name === attestationParameter) &&
    !parameters.some(({ name }) => name === attestationParameter);
  if (lacking && cmp.partnerAttestation) {
    parameters = [...parameters, acceptedAttestation];
    verdicts = await validate(parameters);
  }
  return {
    objections: objected(verdicts).map(
      ({ name, message, valueError }) => `${name}: ${valueError ?? message ?? 'refused'}`,
    ),
    parameters,
    attestationMissing: lacking && !cmp.partnerAttestation,
    acceptance: acceptanceNeeded(verdicts, signs),
  };
}

const objected = (verdicts: readonly CmpParameterValidation[]) =>
  verdicts.flatMap(({ parameters }) => parameters).filter(({ result }) => result === 'error');
