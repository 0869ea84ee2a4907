import { platformError } from '../../wire/errors.ts';
import type { Answer, Strike } from './fault-kind.ts';

/** A 500 of the platform with the text of `message`. */
export function internalError({ simulator, request, parameters }: Strike, status = 500): Answer {
  const { entry, correlationId } = request.call;
  const message = String(parameters.message ?? 'Internal Server Error');
  return { status, body: platformError(500, message, entry.path, correlationId, simulator.clock.now()) };
}
