import { applyPlanPhase, planIdOf, type HeldRun, type Phase, type PlanMirrors } from '@isthmus/sync-engine';
import type { Pool } from 'pg';
import { productMirror } from '../mirrors/product.mirror.ts';
import { partNumbersPhase } from './part-numbers.phase.ts';
import { productsPhase } from './products.phase.ts';

/** What a plan of the catalogue can write. */
export const planMirrors: PlanMirrors = { [productMirror.kind]: { mirror: productMirror } };

/** A catalogue sync: CMP's whole product list, or what a plan has read of it; then what that means for the part numbers in use. */
export const phasesOf = (_: Pool, { target }: Pick<HeldRun, 'target'>): Promise<readonly Phase[]> =>
  Promise.resolve([planIdOf(target) ? applyPlanPhase(planMirrors) : productsPhase, partNumbersPhase]);
