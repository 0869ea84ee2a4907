import type { FaultKind } from './fault-kind.ts';

const page =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action="/login"></form></body></html>';

/** 200 with a sign-in page, as a wrong address or a lapsed session gives; nothing is done. */
export const html200: FaultKind = {
  before: () => ({ status: 200, body: page, contentType: 'text/html; charset=utf-8' }),
};
