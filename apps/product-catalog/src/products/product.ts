import type { CmpProduct } from '@isthmus/cmp-client';
import type { ProductFieldsV1 } from '@isthmus/contracts';
import { DomainError, InvalidPartNumber, PartNumber, Period } from '@isthmus/domain';
import type { ChangeOrigin } from '@isthmus/sync-engine';
import type { Candidate } from '../part-numbers/resolution.ts';

/** A price as CMP shows it; amounts are strings, because a binary number cannot represent 0.10. */
export interface CatalogPrice {
  amount: string;
  currency: string;
  type?: string;
  model?: string;
  lowerLimit?: number;
}

/** The facts of a product that resolution, suggestions and orders need. */
export interface CatalogProduct extends Candidate {
  cmpProductId: string | null;
  vendorKey: string;
  mpnKey: string;
  name: string;
  serviceName: string | null;
  billingModel: string | null;
  minimum: number | null;
  maximum: number | null;
  prices: CatalogPrice[];
  costs: CatalogPrice[];
  dependsOn: { mpn?: string; id?: string }[];
}

/** `INGRAM:vendor:mpn`. CMP's vendors and MPNs are free text: if they cannot be part of a part number, there is none. */
export function vendorPartNumber(vendor: string, mpn: string): string | undefined {
  try {
    return PartNumber.print(PartNumber.of(vendor, mpn));
  } catch (error) {
    if (error instanceof InvalidPartNumber) return undefined;
    throw error;
  }
}

/** The product a part number shall be mapped to is not in this connector's catalogue. */
export class ProductNotFound extends DomainError {
  static override readonly code = 'product.not-found';

  constructor(productId: string) {
    super(`There is no product ${productId} in the catalogue of this connector.`, {
      nextStep: "Use an id from the connector's list of products.",
    });
  }
}

/** The fields that every event about a product contains. */
export interface PublishedProduct {
  productId: string;
  cmpId: string;
  vendor: string;
  mpn: string;
  name: string;
  serviceName: string | null;
  billingPeriod: string | null;
  term: string | null;
}

export const toPublished = (productId: string, value: CmpProduct): PublishedProduct => ({
  productId,
  cmpId: value.id,
  vendor: value.vendor,
  mpn: value.mpn,
  name: value.name ?? '',
  serviceName: value.serviceName ?? null,
  billingPeriod: Period.iso(value.billingPeriod),
  term: Period.iso(value.subscriptionPeriod),
});

export function productEventData(
  product: PublishedProduct,
  { connectorId, asOf }: ChangeOrigin,
): ProductFieldsV1 {
  const { productId, cmpId, vendor, mpn, name, serviceName, billingPeriod, term } = product;
  return {
    connectorId,
    productId,
    cmpProductId: cmpId,
    vendor,
    mpn,
    partNumber: vendorPartNumber(vendor, mpn),
    name,
    serviceName: serviceName ?? undefined,
    billingPeriod: billingPeriod ?? undefined,
    term: term ?? undefined,
    asOf,
  };
}

const segments = {
  Education: /\b(education|edu|student|faculty|academic)\b/i,
  Government: /\b(government|gov|gcc)\b/i,
  Charity: /\b(charity|nonprofit|non-profit)\b/i,
  Commercial: /\b(nce )?com (ann|mth|trn)\b|\bcommercial\b/i,
} as const;

/** Whom a product is for, if its name shows that: CMP's names of Microsoft's products end in "(NCE COM ANN)" and the like. */
export const productSegment = (name: string): keyof typeof segments | undefined =>
  (Object.keys(segments) as (keyof typeof segments)[]).find((segment) => segments[segment].test(name));
