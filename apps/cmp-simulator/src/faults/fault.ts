import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Account } from '../account.ts';
import type { Ledger } from '../control/records.ts';
import type { Quirks } from '../quirks.ts';
import { platformError } from '../wire/errors.ts';
import type { WorldClock } from '../world/agenda.ts';

/** What a fault may access: the called account, the time, and the state of the control calls. */
export interface FaultContext {
  account: Account;
  clock: Pick<WorldClock, 'now'>;
  control: {
    quirks: Quirks;
    ledger: Pick<Ledger, 'record'>;
    /** Whether the fault with these parameters is still armed. */
    faults: { holds(parameters: object): boolean };
  };
}

/** A call struck by a fault. */
export interface Strike {
  context: FaultContext;
  request: FastifyRequest;
  reply: FastifyReply;
  /** The fault's own parameters. */
  parameters: Record<string, unknown>;
}

/** A response that replaces the resource's. */
export interface FaultResponse {
  status: number;
  body: string | object;
  contentType?: string;
  headers?: Record<string, string>;
}

/** The behaviour of a kind of fault, at any of four moments. */
export interface FaultKind {
  /** Runs before the resource; if it returns a response, the resource does not run. */
  before?(strike: Strike): Promise<FaultResponse | void> | FaultResponse | void;
  /** Changes the response while it is still an object. */
  reshape?(strike: Strike, payload: unknown): unknown;
  /** Replaces the response after the work is done. */
  instead?(strike: Strike): FaultResponse;
  /** Interferes with the bytes; true when the connection is gone and nothing more may be sent. */
  send?(strike: Strike, body: string): Promise<boolean> | boolean | void;
}

/** An error of the platform with the text of `message`. */
export function internalError({ context, request, parameters }: Strike, status = 500): FaultResponse {
  const { entry, correlationId } = request.call;
  const message = String(parameters.message ?? 'Internal Server Error');
  return { status, body: platformError(500, message, entry.path, correlationId, context.clock.now()) };
}
