import { ackBeforeCommit } from './ack-before-commit.bug.ts';
import { blindRepost } from './blind-repost.bug.ts';
import { checkThenInsert } from './check-then-insert.bug.ts';
import { clearWordsAreProof } from './clear-words-are-proof.bug.ts';
import { completedIsProof } from './completed-is-proof.bug.ts';
import { conflictIsRefusal } from './conflict-is-refusal.bug.ts';
import { cursorBeforeCommit } from './cursor-before-commit.bug.ts';
import { cursorOverGaps } from './cursor-over-gaps.bug.ts';
import { doubtIsRefusal } from './doubt-is-refusal.bug.ts';
import { endBeforeBeginning } from './end-before-beginning.bug.ts';
import { entryIdByPlace } from './entry-id-by-place.bug.ts';
import { failureTakenForStored } from './failure-taken-for-stored.bug.ts';
import { firstLineIsOrdered } from './first-line-is-ordered.bug.ts';
import { givesUpSilently } from './gives-up-silently.bug.ts';
import { hastyResend } from './hasty-resend.bug.ts';
import { inboxForgets } from './inbox-forgets.bug.ts';
import { incompleteTrusted } from './incomplete-trusted.bug.ts';
import { linesByPlace } from './lines-by-place.bug.ts';
import { markerIgnored } from './marker-ignored.bug.ts';
import { newsInAnyOrder } from './news-in-any-order.bug.ts';
import { noFencing } from './no-fencing.bug.ts';
import { noMarker } from './no-marker.bug.ts';
import { noQueue } from './no-queue.bug.ts';
import { oddPageLeftOut } from './odd-page-left-out.bug.ts';
import { oddRecordIsGone } from './odd-record-is-gone.bug.ts';
import { oddRecordStopsPage } from './odd-record-stops-page.bug.ts';
import { olderVersionApplied } from './older-version-applied.bug.ts';
import { relaySavesFirst } from './relay-saves-first.bug.ts';
import { renewalAtOnce } from './renewal-at-once.bug.ts';
import { renewalMistaken } from './renewal-mistaken.bug.ts';
import { returnedSeatsAreNew } from './returned-seats-are-new.bug.ts';
import { saidBeforeStored } from './said-before-stored.bug.ts';
import { sendsDifference } from './sends-difference.bug.ts';
import { sendsHoweverLate } from './sends-however-late.bug.ts';
import { takeoverSendsAgain } from './takeover-sends-again.bug.ts';
import { termFromLaterDate } from './term-from-later-date.bug.ts';
import { termLeftOut } from './term-left-out.bug.ts';
import { timeoutIsNotSent } from './timeout-is-not-sent.bug.ts';
import { transferNotFollowed } from './transfer-not-followed.bug.ts';
import { transferSendsAgain } from './transfer-sends-again.bug.ts';
import { unknownCycleIsNull } from './unknown-cycle-is-null.bug.ts';
import { unknownSeatsAreNone } from './unknown-seats-are-none.bug.ts';
import { windowFromCompletion } from './window-from-completion.bug.ts';
import { windowFromReading } from './window-from-reading.bug.ts';
import type { Bug } from './bug.ts';

/** Every mistake the audit plants, one at a time; the checker has to catch each. */
export const bugs: readonly Bug[] = [
  ackBeforeCommit,
  blindRepost,
  checkThenInsert,
  clearWordsAreProof,
  completedIsProof,
  conflictIsRefusal,
  cursorBeforeCommit,
  cursorOverGaps,
  doubtIsRefusal,
  endBeforeBeginning,
  entryIdByPlace,
  failureTakenForStored,
  firstLineIsOrdered,
  givesUpSilently,
  hastyResend,
  inboxForgets,
  incompleteTrusted,
  linesByPlace,
  markerIgnored,
  newsInAnyOrder,
  noFencing,
  noMarker,
  noQueue,
  oddPageLeftOut,
  oddRecordIsGone,
  oddRecordStopsPage,
  olderVersionApplied,
  relaySavesFirst,
  renewalAtOnce,
  renewalMistaken,
  returnedSeatsAreNew,
  saidBeforeStored,
  sendsDifference,
  sendsHoweverLate,
  takeoverSendsAgain,
  termFromLaterDate,
  termLeftOut,
  timeoutIsNotSent,
  transferNotFollowed,
  transferSendsAgain,
  unknownCycleIsNull,
  unknownSeatsAreNone,
  windowFromCompletion,
  windowFromReading,
];
