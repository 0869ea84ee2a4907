import { deadToken } from '../../open-call.ts';
import { platformError } from '../../wire/errors.ts';
import type { FaultKind } from './fault-kind.ts';

/**
 * The session behind the account's tokens ends before its time: this call and later ones with an old token are refused, this one with
 * the `status` and in the `message` of the fault's own, if it has any.
 */
export const tokenRevoked: FaultKind = {
  before({ simulator, request, parameters }) {
    const { account, entry, correlationId } = request.call;
    account.tokens.revokeAll();
    const { status = simulator.quirks.deadTokenStatus, message = deadToken } = parameters as {
      status?: number;
      message?: string;
    };
    return { status, body: platformError(status, message, entry.path, correlationId, simulator.clock.now()) };
  },
};
