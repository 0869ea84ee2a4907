import { proxyPage } from '../../wire/errors.ts';
import type { Answer, FaultKind } from './fault-kind.ts';

const gatewayTimeout: Answer = {
  status: 504,
  body: proxyPage(504, 'Gateway Time-out'),
  contentType: 'text/html',
};

/** The proxy loses patience: an HTML page. With `accepted: true` the work was done all the same, otherwise not. */
export const html504: FaultKind = {
  before: ({ parameters }) => (parameters.accepted === true ? undefined : gatewayTimeout),
  instead: () => gatewayTimeout,
};
