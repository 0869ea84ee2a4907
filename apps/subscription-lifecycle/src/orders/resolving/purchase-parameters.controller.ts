import { isoPeriod } from '@isthmus/contracts';
import { Allow, AnyObject, CurrentUser, Describe, IfGiven, OrNull, Principal } from '@isthmus/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsString, IsUUID, Length, Matches, ValidateNested } from 'class-validator';
import { parameterSources, type ParameterSource } from './microsoft-parameters.ts';
import { OrderResolver } from './order-resolver.service.ts';
import { describeParameters, type DescribedParameter } from './purchase-parameters.ts';

/** The fields of a purchase, see `POST /v1/orders`. */
class PurchaseParametersQuery {
  @IsUUID() providerAccountId!: string;
  /** `INGRAM:vendorID:mpn`, or any that is mapped to a product. */
  @IsString() @Length(1, 600) partNumber!: string;
  /** Needed only if the part number is ambiguous. */
  @IfGiven() @Matches(isoPeriod) billingPeriod?: string;
  @IfGiven() @Matches(isoPeriod) term?: string;
}

/** What is missing, wrong or to be checked, and what to do next. */
class ParameterProblemView {
  @IsString() detail!: string;
  @IsString() nextStep!: string;
  /** True if an order without this parameter is rejected, by us or by CMP; false if the value should be checked. */
  @IsBoolean() blocks!: boolean;
}

class PurchaseParameterView {
  /** As CMP names it, and as `POST /v1/orders` takes it. */
  @IsString() name!: string;
  @IsString() label!: string;
  /** In plain words. */
  @IsString() meaning!: string;
  @IsBoolean() required!: boolean;
  /** When it is required, if that depends on the customer or on another parameter. */
  @OrNull() @IsString() requiredWhen!: string | null;
  /** Null: any text. */
  @OrNull() @IsArray() @IsString({ each: true }) allowedValues!: string[] | null;
  /** What an order is filled with that does not give it; null if nothing is known. */
  @OrNull() @IsString() value!: string | null;
  /** Instead of `value`, for a parameter that is not a text. */
  @OrNull() @AnyObject() structuredValue!: object | null;
  @OrNull() @IsIn(parameterSources) source!: ParameterSource | null;
  /** Where the value comes from, in words. */
  @OrNull() @IsString() sourceDetail!: string | null;
  /** Values that are known too, and are not filled in. */
  @IsArray() @IsString({ each: true }) otherValues!: string[];
  @OrNull() @ValidateNested() @Type(() => ParameterProblemView) problem!: ParameterProblemView | null;
}

/** The parameters that a product takes, for an account. */
export class PurchaseParametersView {
  @IsUUID() providerAccountId!: string;
  @IsUUID() connectorId!: string;
  /** Our id of the product. */
  @IsUUID() productId!: string;
  @IsString() productName!: string;
  @IsString() vendor!: string;
  /** Whether it can be ordered without any parameter. */
  @IsBoolean() complete!: boolean;
  /** Those that are known for the product's vendor; empty if none are. Others can be given and are sent to CMP as they are. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PurchaseParameterView)
  parameters!: PurchaseParameterView[];
}

@Controller('v1/purchase-parameters')
export class PurchaseParametersController {
  constructor(private readonly resolver: OrderResolver) {}

  @Get()
  // Not for everybody who may read: it shows who signed the agreement.
  @Allow('operator')
  @Describe(
    'The parameters that a product takes, and the values that quotes and orders are filled with for this account if they do not give others.',
    { returns: PurchaseParametersView },
  )
  async read(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: PurchaseParametersQuery,
  ): Promise<PurchaseParametersView> {
    const known = await this.resolver.parametersOf(tenantId, query);
    const { buyer, product } = known;
    const parameters = describeParameters(known, Date.now());
    return {
      providerAccountId: buyer.providerAccountId,
      connectorId: buyer.connectorId,
      productId: product.productId,
      productName: product.name || product.mpn,
      vendor: product.vendor,
      complete: !parameters.some(({ problem }) => problem?.isBlocking),
      parameters: parameters.map(show),
    };
  }
}

const show = (described: DescribedParameter): PurchaseParameterView => {
  const { isRequired, from, fromDetail, problem, ...parameter } = described;
  return {
    ...parameter,
    required: isRequired,
    source: from,
    sourceDetail: fromDetail,
    problem: problem && {
      detail: problem.detail,
      nextStep: problem.nextStep,
      blocks: problem.isBlocking,
    },
  };
};
