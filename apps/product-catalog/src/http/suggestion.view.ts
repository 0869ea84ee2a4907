import { ResolvedProductV1 } from '@isthmus/contracts';
import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsInt, IsString, ValidateNested } from 'class-validator';
import type { CatalogProduct } from '../domain/catalog-product.ts';
import { showProduct } from '../domain/show-resolution.ts';
import type { Suggestion } from '../domain/suggest-products.ts';
import type { MappingPreview } from '../persistence/queries/preview-mapping.query.ts';

export class EvidenceView {
  @IsString() code!: string;
  /** What it adds to the score; negative for what speaks against it. */
  @IsInt() weight!: number;
  /** What was compared. */
  @IsString() detail!: string;
}

export class MappingPreviewView implements MappingPreview {
  /** Known uses of the part number that the mapping would hold for. */
  @IsInt() partNumbers!: number;
  @IsInt() subscriptions!: number;
  /** Of these, so many resolve to another product now … */
  @IsInt() subscriptionsMoved!: number;
  /** … and so many to none. */
  @IsInt() subscriptionsPlaced!: number;
}

export class SuggestionView {
  @ValidateNested() @Type(() => ResolvedProductV1) product!: ResolvedProductV1;
  /** 0 to 100. */
  @IsInt() score!: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => EvidenceView) evidence!: EvidenceView[];
  /** Another one comes so close that the evidence does not decide. */
  @IsBoolean() tied!: boolean;
  /** Good enough to be accepted without a look at it. */
  @IsBoolean() sure!: boolean;
  /** What accepting it would do. */
  @ValidateNested() @Type(() => MappingPreviewView) effect!: MappingPreviewView;
}

/** The best first; nothing is mapped by asking. */
export class Suggestions {
  @IsArray() @ValidateNested({ each: true }) @Type(() => SuggestionView) data!: SuggestionView[];
}

export const showSuggestion = (
  { product, ...suggestion }: Suggestion<CatalogProduct>,
  effect: MappingPreview,
): SuggestionView => ({ product: showProduct(product), ...suggestion, effect });
