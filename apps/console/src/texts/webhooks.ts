import { defineTexts } from './texts.ts';

/** States of deliveries and endpoints in words: in the pages of events and of webhooks. */
export const webhookWords = defineTexts('webhook-words', {
  en: {
    'delivery-pending': 'Pending',
    'delivery-delivered': 'Delivered',
    'delivery-undelivered': 'Undelivered',
    'reason-by-hand': 'Disabled by hand',
    'reason-failing': 'Disabled: it failed for days',
    'reason-gone': 'Disabled: it said it is gone (410)',
    enabled: 'Enabled',
    disabled: 'Disabled',
    failing: 'Failing',
    held: 'Asked to wait',
  },
  de: {
    'delivery-pending': 'Ausstehend',
    'delivery-delivered': 'Zugestellt',
    'delivery-undelivered': 'Nicht zugestellt',
    'reason-by-hand': 'Von Hand deaktiviert',
    'reason-failing': 'Deaktiviert: Er schlug tagelang fehl',
    'reason-gone': 'Deaktiviert: Er meldete sich ab (410)',
    enabled: 'Aktiv',
    disabled: 'Deaktiviert',
    failing: 'Schlägt fehl',
    held: 'Bittet zu warten',
  },
});
