import { answerLost } from './answer-lost.fault.ts';
import { completedNotEffective } from './completed-not-effective.fault.ts';
import { customerAcceptance } from './customer-acceptance.fault.ts';
import { cut } from './cut.fault.ts';
import { empty200 } from './empty-200.fault.ts';
import { errorAfterAccepting } from './error-after-accepting.fault.ts';
import { errorBody200 } from './error-body-200.fault.ts';
import { error } from './error.fault.ts';
import type { FaultKind } from './fault-kind.ts';
import { halfListing } from './half-listing.fault.ts';
import { hold } from './hold.fault.ts';
import { html200 } from './html-200.fault.ts';
import { html504 } from './html-504.fault.ts';
import { lateAccept } from './late-accept.fault.ts';
import { otherTotal } from './other-total.fault.ts';
import { portalConfirmation } from './portal-confirmation.fault.ts';
import { repeatPage } from './repeat-page.fault.ts';
import { shiftRows } from './shift-rows.fault.ts';
import { slow } from './slow.fault.ts';
import { throttle } from './throttle.fault.ts';
import { tokenRevoked } from './token-revoked.fault.ts';
import { unlisted } from './unlisted.fault.ts';
import { wrongContentType } from './wrong-content-type.fault.ts';

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
