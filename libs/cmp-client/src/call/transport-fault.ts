import type { CmpOutcome } from '../errors/cmp-failure.ts';
import type { CmpUnavailableReason } from '../errors/cmp-unavailable.error.ts';

type Fault = { reason: CmpUnavailableReason; outcome: CmpOutcome };

const faults: { reason: CmpUnavailableReason; outcome: CmpOutcome; codes: RegExp }[] = [
  { reason: 'blocked-address', outcome: 'not-sent', codes: /^ERR_BLOCKED_ADDRESS$/ },
  { reason: 'dns', outcome: 'not-sent', codes: /^(ENOTFOUND|EAI_\w+|ENODATA)$/ },
  { reason: 'tls', outcome: 'not-sent', codes: /CERT|TLS|SSL|SIGNATURE|^EPROTO$/ },
  {
    reason: 'connect',
    outcome: 'not-sent',
    codes: /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/,
  },
  { reason: 'timeout', outcome: 'not-sent', codes: /^UND_ERR_CONNECT_TIMEOUT$/ },
  {
    reason: 'timeout',
    outcome: 'unknown',
    codes: /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/,
  },
];

/** Why an exchange broke, and whether CMP may have seen the request. In doubt it may have. */
export function transportFault(error: unknown): Fault {
  for (const code of codesOf(error)) {
    const fault = faults.find(({ codes }) => codes.test(code));
    if (fault) return { reason: fault.reason, outcome: fault.outcome };
  }
  return { reason: 'connection-lost', outcome: 'unknown' };
}

/** Codes of the error, of its causes and of the attempts that an AggregateError gathers. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  const own = typeof code === 'string' ? [code] : [];
  const gathered = Array.isArray(errors) ? errors.flatMap((one) => codesOf(one, depth + 1)) : [];
  return [...own, ...gathered, ...codesOf(cause, depth + 1)];
}
