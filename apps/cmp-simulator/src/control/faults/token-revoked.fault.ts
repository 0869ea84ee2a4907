import { platformError } from '../../wire/error-bodies.ts';
import type { FaultKind } from './fault-kind.ts';

/** The session behind the account's tokens ends before its time: this call and later ones with an old token get 401. */
export const tokenRevoked: FaultKind = {
  before({ simulator, request }) {
    const { account, entry, correlationId } = request.call;
    account.tokens.revokeAll();
    return {
      status: 401,
      body: platformError(
        401,
        'Access token is missing, invalid or expired.',
        entry.path,
        correlationId,
        simulator.clock.now(),
      ),
    };
  },
};
