import type { MappingState } from './known-part-number.entity.ts';
import type { Resolution } from './resolve-part-number.ts';

/** What the mapping queue keeps of a resolution. */
export interface Judgement {
  state: MappingState;
  productId: string | null;
  decidedBy: 'mapping' | 'rule' | null;
  candidateCount: number;
  reason: string | null;
}

const states = {
  resolved: 'mapped',
  ambiguous: 'ambiguous',
  unknown: 'unmapped',
  excluded: 'excluded',
} as const;

export const judge = <T extends { id: string }>(resolution: Resolution<T>): Judgement => ({
  state: states[resolution.outcome],
  productId: resolution.product?.id ?? null,
  decidedBy: resolution.by ?? null,
  candidateCount: resolution.candidates.length,
  reason: resolution.reason ?? null,
});
