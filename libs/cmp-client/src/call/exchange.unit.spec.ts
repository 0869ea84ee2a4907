import { transportFault } from './exchange.ts';

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe('transportFault', () => {
  it.each([
    ['ENOTFOUND', 'dns', 'not-sent'],
    ['EAI_AGAIN', 'dns', 'not-sent'],
    ['ECONNREFUSED', 'connect', 'not-sent'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', 'not-sent'],
    ['CERT_HAS_EXPIRED', 'tls', 'not-sent'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'not-sent'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'not-sent'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', 'not-sent'],
    ['ERR_BLOCKED_ADDRESS', 'blocked-address', 'not-sent'],
    ['ECONNRESET', 'connection-lost', 'unknown'],
    ['UND_ERR_SOCKET', 'connection-lost', 'unknown'],
    ['UND_ERR_BODY_TIMEOUT', 'timeout', 'unknown'],
    ['HPE_INVALID_CONSTANT', 'connection-lost', 'unknown'],
  ])('reads %s as %s, with the request %s', (code, reason, outcome) => {
    expect(transportFault(withCode(code))).toEqual({ reason, outcome });
  });

  it('looks into causes and gathered errors', () => {
    expect(transportFault(new Error('x', { cause: withCode('ENOTFOUND') }))).toMatchObject({ reason: 'dns' });
    expect(
      transportFault(new AggregateError([withCode('ECONNREFUSED'), withCode('EHOSTUNREACH')])),
    ).toMatchObject({
      reason: 'connect',
    });
  });

  it('takes what it does not know for a request that may have arrived', () => {
    expect(transportFault('nonsense')).toEqual({ reason: 'connection-lost', outcome: 'unknown' });
  });
});
