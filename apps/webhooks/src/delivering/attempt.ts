import type { StoredFacts } from '../domain/cloud-event.ts';
import type { AttemptResult, Verdict } from '../domain/judge-attempt.ts';

/** A process's hold on an endpoint. Whatever it writes is refused once somebody else has a newer one. */
export interface EndpointLease {
  endpointId: string;
  tenantId: string;
  token: number;
}

/** An endpoint as it is to be sent to at this moment. */
export interface Target {
  url: string;
  /** Nothing has succeeded since its last failure. */
  failing: boolean;
  /** `whsec_…`, the newest first; those that have expired are not among them. */
  secrets: string[];
}

/** A delivery that is due, with the event to send. */
export interface DueDelivery {
  id: string;
  round: number;
  tries: number;
  inOrder: boolean;
  aggregate: string;
  event: StoredFacts;
}

/** One request and what came back. */
export interface Attempt extends AttemptResult {
  at: Date;
  durationMs: number;
  url: string;
  requestHeaders: Record<string, string>;
  responseHead?: string;
}

/** An attempt at a delivery and what follows from it. */
export interface Settlement {
  delivery: Pick<DueDelivery, 'id' | 'round'>;
  attempt: Attempt;
  verdict: Verdict;
}

/** Whether more may be sent to the endpoint just now. */
export type Standing = 'open' | 'held' | 'disabled';

/** How an attempt failed, in a word or a number. */
export const failureOf = ({ status, error }: AttemptResult): string => error ?? String(status);
