import { defineTexts } from '../../texts/texts.ts';

/** Who does something when nobody does: a part of Isthmus, by what it does. */
export const who = defineTexts('who', {
  en: {
    'by-account-sync': 'Isthmus (accounts)',
    'by-connector-config': 'Isthmus (connectors)',
    'by-product-catalog': 'Isthmus (catalogue)',
    'by-rest-provider': 'Isthmus (Work 365 calls)',
    'by-subscription-lifecycle': 'Isthmus (orders)',
    'by-webhooks': 'Isthmus (webhooks)',
    'by-schedule': 'The schedule',
  },
  de: {
    'by-account-sync': 'Isthmus (Konten)',
    'by-connector-config': 'Isthmus (Konnektoren)',
    'by-product-catalog': 'Isthmus (Katalog)',
    'by-rest-provider': 'Isthmus (Aufrufe von Work 365)',
    'by-subscription-lifecycle': 'Isthmus (Bestellungen)',
    'by-webhooks': 'Isthmus (Webhooks)',
    'by-schedule': 'Zeitplan',
  },
});
