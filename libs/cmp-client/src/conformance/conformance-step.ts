import type { CmpAssumptions } from '../assumptions.ts';
import type { ConformanceTarget } from './conformance-target.ts';

/** One thing learned about a CMP. */
export interface Observation {
  /** The assumption it settles, or what was looked at when it settles none. */
  subject: keyof CmpAssumptions | (string & {});
  assumed: string;
  observed: string;
  /** Whether what was observed agrees with what is assumed; undefined when this CMP's data cannot tell. */
  holds: boolean | undefined;
}

/** One question to a CMP. Steps only observe; they throw only what the client throws. */
export interface ConformanceStep {
  /** As `docs/cmp-assumptions.md` names it. */
  name: string;
  /** `reads` only reads; `presses` uses up the call limit on purpose; `writes` changes things, and may cost money. */
  kind: 'reads' | 'presses' | 'writes';
  run(target: ConformanceTarget): Promise<Observation[]>;
}
