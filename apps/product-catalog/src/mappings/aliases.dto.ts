import { IfGiven, isoTime, OrNull, PageQuery } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator';
import { type AliasOutcome, aliasOutcomes, type AliasRow, defaultAliasPattern } from './alias-plan.ts';
import type { AliasInForce, AliasPlan } from './aliases.store.ts';

/** The products that get an alias, and the pattern of its name. */
export class PreviewAliases {
  @IsUUID() connectorId!: string;
  /** Left out: every product that CMP lists and whose part number also stands for others. */
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsUUID(undefined, { each: true })
  productIds?: string[];
  /** Without productIds: only of this vendor. */
  @IfGiven() @IsString() @Length(1, 255) vendor?: string;
  /** `vendor`, `mpn`, `<term>` and `<billing period>` stand for the product's. */
  @IfGiven() @IsString() @Length(1, 300) pattern: string = defaultAliasPattern;
  /** The name itself instead of a pattern; of one product only. */
  @IfGiven() @IsString() @Length(1, 600) partNumber?: string;
}

export class CreateAliases extends PreviewAliases {
  /** The fingerprint of the preview; required unless productIds are given. */
  @IfGiven() @IsString() @Length(1, 100) fingerprint?: string;
  /** A note for later readers. */
  @IfGiven() @IsString() @Length(0, 500) reason: string = '';
}

class AliasRowView implements AliasRow {
  @IsUUID() productId!: string;
  /** CMP's id of the product. */
  @IsString() cmpId!: string;
  @IsString() vendor!: string;
  @IsString() mpn!: string;
  @IsString() name!: string;
  @OrNull() @IsString() term!: string | null;
  @OrNull() @IsString() billingPeriod!: string | null;
  /** The alias; null if there is none. */
  @OrNull() @IsString() partNumber!: string | null;
  @IsIn(aliasOutcomes) outcome!: AliasOutcome;
  /** The reason why the alias is refused, and the next step. */
  @OrNull() @IsString() problem!: string | null;
  /**
   * Live subscriptions whose part number will be shown as the alias. One bought through Work 365 keeps the part number it
   * was bought with.
   */
  @IsInt() subscriptions!: number;
}

class AliasCountsView implements Record<AliasOutcome, number> {
  @IsInt() create!: number;
  @IsInt() 'already-aliased'!: number;
  @IsInt() refused!: number;
}

/** The result for each product. */
export class AliasPlanView {
  /** True if it has been carried out. */
  @IsBoolean() created!: boolean;
  /** To be given back when it is carried out: it is refused when anything here has changed. */
  @IsString() fingerprint!: string;
  /** Rows by outcome. */
  @ValidateNested() @Type(() => AliasCountsView) counts!: AliasCountsView;
  /** Live subscriptions whose part number will be shown differently. */
  @IsInt() subscriptions!: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => AliasRowView) rows!: AliasRowView[];
}

export class AliasQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsUUID() productId?: string;
  /** Part of the alias, or of the product's name or mpn. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
}

/** An active alias. Its history is that of the part number's mapping, and unmapping it ends it. */
export class AliasView {
  @IsUUID() connectorId!: string;
  @IsString() partNumber!: string;
  @IsUUID() productId!: string;
  @IsString() vendor!: string;
  @IsString() mpn!: string;
  @IsString() name!: string;
  @OrNull() @IsString() term!: string | null;
  @OrNull() @IsString() billingPeriod!: string | null;
  /** CMP no longer lists the product: reads still show it by the alias, and nothing can be ordered by it. */
  @IsBoolean() withdrawn!: boolean;
  @IsString() reason!: string;
  @IsString() mappedBy!: string;
  @IsISO8601() mappedAt!: string;
}

export function toAliasPlan({ rows, fingerprint }: AliasPlan, created: boolean): AliasPlanView {
  const counts = { create: 0, 'already-aliased': 0, refused: 0 };
  for (const { outcome } of rows) counts[outcome] += 1;
  const subscriptions = rows.reduce((sum, row) => sum + row.subscriptions, 0);
  return { created, fingerprint, counts, subscriptions, rows };
}

export const toAlias = ({ partNumberKey: _, goneAt, ...alias }: AliasInForce): AliasView => ({
  ...alias,
  withdrawn: goneAt !== null,
  mappedAt: isoTime(alias.mappedAt),
});
