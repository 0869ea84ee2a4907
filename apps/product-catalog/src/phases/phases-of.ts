import type { Phase } from '@isthmus/sync-engine';
import { partNumbersPhase } from './part-numbers.phase.ts';
import { productsPhase } from './products.phase.ts';

/** A catalogue sync: CMP's whole product list, then what that means for the part numbers in use. */
export const phasesOf = (): Promise<readonly Phase[]> => Promise.resolve([productsPhase, partNumbersPhase]);
