import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Simulator } from '../../simulator.ts';

/** A call struck by a fault. */
export interface Strike {
  simulator: Simulator;
  request: FastifyRequest;
  reply: FastifyReply;
  /** The fault's own parameters. */
  parameters: Record<string, unknown>;
}

/** An answer that replaces the resource's. */
export interface Answer {
  status: number;
  body: string | object;
  contentType?: string;
  headers?: Record<string, string>;
}

/** What a kind of fault does, at any of four moments. */
export interface FaultKind {
  /** Before the resource works; an answer keeps it from working at all. */
  before?(strike: Strike): Promise<Answer | void> | Answer | void;
  /** Changes the answer while it is still an object. */
  reshape?(strike: Strike, payload: unknown): unknown;
  /** Replaces the answer after the work is done. */
  instead?(strike: Strike): Answer;
  /** Interferes with the bytes; true when the connection is gone and nothing more may be sent. */
  send?(strike: Strike, body: string): Promise<boolean> | boolean | void;
}
