import { setTimeout as sleep } from 'node:timers/promises';
import { addCustomers, buySubscription, removeCustomer, removeSubscription } from '../control/portal.ts';
import { placeOrder } from '../orders/order-course.ts';
import { readOrderRequest } from '../orders/order-request.ts';
import { acceptanceLink } from '../orders/purchase-parameters.ts';
import { CmpRefusal, deadToken, gatewayError, platformError, proxyPage } from '../wire/errors.ts';
import { type FaultKind, type FaultResponse, internalError, type Strike } from './fault.ts';

// Slow and broken connections.

/** Waits `ms` (default 1000) of real time before the work. */
const slow: FaultKind = {
  async before({ parameters }) {
    await sleep(Number(parameters.ms ?? 1000));
  },
};

/**
 * Keeps the call until the fault is cleared: before its work, or with `done: true` between the work and the response. When
 * the caller hangs up meanwhile, the work is not done, or stays done without the caller knowing.
 */
const hold: FaultKind = {
  async before(strike) {
    if (strike.parameters.done === true) return;
    // nginx's code for a caller that has gone; it is never read.
    if (!(await released(strike))) return { status: 499, body: '' };
  },
  async send(strike) {
    return strike.parameters.done === true && !(await released(strike));
  },
};

/** Waits for the fault to be cleared; false when the caller has gone before. */
async function released({ context, request, parameters }: Strike): Promise<boolean> {
  const { socket } = request.raw;
  while (!socket.destroyed && context.control.faults.holds(parameters)) await sleep(5);
  return !socket.destroyed;
}

/** Does the work, then drops the connection without a byte. */
const answerLost: FaultKind = {
  send({ request }) {
    request.raw.socket.destroy();
    return true;
  },
};

/** Does the work, then drops the connection in the middle of the body. */
const cut: FaultKind = {
  send({ request, reply }, body) {
    const bytes = Buffer.from(body);
    reply.raw.writeHead(reply.statusCode, {
      'content-type': 'application/json',
      'content-length': bytes.length,
    });
    reply.raw.write(bytes.subarray(0, bytes.length >> 1), () => request.raw.socket.destroy());
    return true;
  },
};

// Wrong responses: statuses, pages and bodies that are not what the work deserves.

/** 429 from the gateway; `retryAfter` (seconds) is sent as Retry-After, or nothing is when it is left out. */
const throttle: FaultKind = {
  before: ({ parameters: { retryAfter } }) => ({
    status: 429,
    body: gatewayError(
      429,
      `Rate limit is exceeded.${retryAfter === undefined ? '' : ` Try again in ${String(retryAfter)} seconds.`}`,
    ),
    ...(retryAfter === undefined ? {} : { headers: { 'retry-after': String(retryAfter) } }),
  }),
};

/** 500 without doing the work; `message` is the text. */
const error: FaultKind = { before: (strike) => internalError(strike) };

/** Does the work, then responds with 500 as if it had not; `message` is the text. */
const errorAfterAccepting: FaultKind = { instead: (strike) => internalError(strike) };

/** 200 with the body of an error; nothing is done. */
const errorBody200: FaultKind = { before: (strike) => internalError(strike, 200) };

/** Does the work, then responds with 200 and an empty body. */
const empty200: FaultKind = { instead: () => ({ status: 200, body: '' }) };

const signInPage =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action="/login"></form></body></html>';

/** 200 with a sign-in page, as a wrong address or an expired session gives; nothing is done. */
const html200: FaultKind = {
  before: () => ({ status: 200, body: signInPage, contentType: 'text/html; charset=utf-8' }),
};

const gatewayTimeout: FaultResponse = {
  status: 504,
  body: proxyPage(504, 'Gateway Time-out'),
  contentType: 'text/html',
};

/** The proxy times out: an HTML page. With `accepted: true` the work was nevertheless done, otherwise not. */
const html504: FaultKind = {
  before: ({ parameters }) => (parameters.accepted === true ? undefined : gatewayTimeout),
  instead: () => gatewayTimeout,
};

/** The right response, called text/html. Seen on the production API's token resource. */
const wrongContentType: FaultKind = {
  send({ reply }) {
    reply.header('content-type', 'text/html; charset=utf-8');
  },
};

/**
 * The session behind the account's tokens ends before its time: this call and later ones with an old token are refused, this one with
 * the `status` and in the `message` of the fault's own, if it has any.
 */
const tokenRevoked: FaultKind = {
  before({ context: { account, clock, control }, request, parameters }) {
    const { entry, correlationId } = request.call;
    account.tokens.revokeAll();
    const { status = control.quirks.deadTokenStatus, message = deadToken } = parameters as {
      status?: number;
      message?: string;
    };
    return { status, body: platformError(status, message, entry.path, correlationId, clock.now()) };
  },
};

// Lists that are incomplete, repeat themselves, or shift while they are read.

interface Listing {
  data: unknown[];
  pagination: { offset: number; limit: number; total: number };
}

function isListing(payload: unknown): payload is Listing {
  return typeof payload === 'object' && payload !== null && 'data' in payload && 'pagination' in payload;
}

/** 200 with the newer half of the rows and a matching total. Let it hit every page of a listing (`times`). */
const halfListing: FaultKind = {
  reshape(_strike, payload) {
    if (!isListing(payload)) return payload;
    const total = Math.ceil(payload.pagination.total / 2);
    const data = payload.data.slice(0, Math.max(0, total - payload.pagination.offset));
    return { data, pagination: { ...payload.pagination, total } };
  },
};

/** Returns the page before the requested one, under the requested offset. */
const repeatPage: FaultKind = {
  before({ request }) {
    const query = request.query as Record<string, string>;
    query.offset = String(Math.max(0, Number(query.offset ?? 0) - Number(query.limit ?? 10)));
  },
  reshape({ request }, payload) {
    if (!isListing(payload)) return payload;
    const offset = Number(request.call.entry.query.offset ?? 0);
    return { ...payload, pagination: { ...payload.pagination, offset } };
  },
};

/** Lists leave out the records of these `ids`, and their total agrees; each is still found by its id. For listings of one page. */
const unlisted: FaultKind = {
  reshape({ parameters }, payload) {
    if (!isListing(payload)) return payload;
    const hidden = new Set(parameters.ids as string[]);
    const data = payload.data.filter((row) => !hidden.has((row as { id: string }).id));
    const total = payload.pagination.total - (payload.data.length - data.length);
    return { data, pagination: { ...payload.pagination, total } };
  },
};

/**
 * After this page of customers or subscriptions, `insert` new rows appear in front of the listing, or the `remove`
 * newest rows go: a row may then be read twice or missed on the next page.
 */
const shiftRows: FaultKind = {
  reshape({ context, request, parameters }, payload) {
    const { world } = context.account;
    const customers = request.call.entry.path.startsWith('/customers');
    const insert = Number(parameters.insert ?? 0);
    if (customers) addCustomers(world, insert);
    else for (let n = 0; n < insert; n++) buySubscription(world, {});
    const newest = customers
      ? world.customers.page({ offset: 0, limit: Number(parameters.remove ?? 0) })
      : world.subscriptions.list({ offset: 0, limit: Number(parameters.remove ?? 0) }, {});
    for (const { id } of newest.rows) (customers ? removeCustomer : removeSubscription)(world, id);
    return payload;
  },
};

// Orders that go another way than they should.

/** The order placed by this call waits in `submitted` until `/_control/orders/{id}/confirm`. */
const portalConfirmation: FaultKind = {
  before({ request }) {
    request.call.placement.parked = true;
  },
};

/** The order placed by this call waits until the customer has accepted `link`: `/_control/orders/{id}/confirm`. */
const customerAcceptance: FaultKind = {
  before({ request, parameters }) {
    request.call.placement.acceptance = String(parameters.link ?? acceptanceLink('link'));
  },
};

/** The order placed by this call will be completed, but its subscription will not have changed. */
const completedNotEffective: FaultKind = {
  before({ request }) {
    request.call.placement.ineffective = true;
  },
};

/**
 * For POST /orders: 504 at once, and the order appears `seconds` (default 60) of world time later, unless it is refused
 * by then.
 */
const lateAccept: FaultKind = {
  before({ context: { account, control }, request, parameters }) {
    const { correlationId, placement } = request.call;
    const { world } = account;
    world.agenda.add(world.now() + Number(parameters.seconds ?? 60) * 1000, (at) => {
      try {
        const order = placeOrder(world, readOrderRequest(request.body), placement);
        control.ledger.record({
          at: new Date(at).toISOString(),
          account,
          correlationId,
          body: request.body,
          order,
        });
      } catch (error) {
        if (!(error instanceof CmpRefusal)) throw error; // refused by now: there is no caller to respond to
      }
    });
    return gatewayTimeout;
  },
};

/** The right order with another total: `amount`, and `currency` if that differs too. */
const otherTotal: FaultKind = {
  reshape({ parameters }, payload) {
    if (typeof payload !== 'object' || payload === null || !('total' in payload)) return payload;
    const { amount = '0.00', currency } = parameters;
    const total = payload.total as { currency: string };
    return { ...payload, total: { currency: currency ?? total.currency, amount: String(amount) } };
  },
};

/** All kinds by the name they are ordered under. */
export const faultKinds = {
  throttle,
  slow,
  hold,
  'error-after-accepting': errorAfterAccepting,
  error,
  'html-504': html504,
  'answer-lost': answerLost,
  cut,
  'wrong-content-type': wrongContentType,
  'empty-200': empty200,
  'error-body-200': errorBody200,
  'token-revoked': tokenRevoked,
  'portal-confirmation': portalConfirmation,
  'customer-acceptance': customerAcceptance,
  'other-total': otherTotal,
  'completed-not-effective': completedNotEffective,
  'half-listing': halfListing,
  'shift-rows': shiftRows,
  'repeat-page': repeatPage,
  'html-200': html200,
  'late-accept': lateAccept,
  unlisted,
} satisfies Record<string, FaultKind>;
