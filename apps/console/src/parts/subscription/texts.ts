import { defineTexts } from '../../texts/texts.ts';

/** Subscriptions that Ingram Micro lists and whose details have not been read: nothing is agreed of them yet. */
export const unread = defineTexts('unread', {
  en: {
    title: 'Subscriptions that have not been read yet',
    lead: 'Ingram Micro lists these, but their details have not been read yet. A provisional number of seats is what the newest rated report charges for a whole period; seats may have been added or removed since.',
    when: 'It is confirmed when the details are read: by itself, as fast as Ingram Micro allows, or at once by Read now. Until then nothing can be ordered for them, no total includes them, and Work 365 does not see them.',
    provisional: 'Provisional',
    chargedFrom: 'as charged from {day}',
    unknown: 'not known yet',
    failed: 'The last attempt failed: {reason}',
    readNow: 'Read now',
    noOrder: 'Its seats are not confirmed: its details have to be read first.',
    note: 'Some subscriptions have not been read yet. They are missing here, and no total includes their seats.',
    show: 'Show them',
    notCounted: '{count, plural, one {# subscription not read} other {# subscriptions not read}}',
    noneTitle: 'All subscriptions have been read',
    noneDetail: 'Every number of seats is confirmed by Ingram Micro.',
  },
  de: {
    title: 'Noch nicht gelesene Abonnements',
    lead: 'Ingram Micro listet sie, aber ihre Einzelheiten wurden noch nicht gelesen. Eine vorläufige Zahl der Lizenzen ist, was der neueste Abrechnungsbericht für einen ganzen Zeitraum berechnet; seitdem können Lizenzen hinzugekommen oder entfallen sein.',
    when: 'Sie wird bestätigt, wenn die Einzelheiten gelesen werden: von selbst, so schnell Ingram Micro es erlaubt, oder sofort durch „Jetzt lesen“. Bis dahin kann nichts für sie bestellt werden, keine Summe enthält sie, und Work 365 sieht sie nicht.',
    provisional: 'Vorläufig',
    chargedFrom: 'wie ab {day} berechnet',
    unknown: 'noch nicht bekannt',
    failed: 'Der letzte Versuch ist gescheitert: {reason}',
    readNow: 'Jetzt lesen',
    noOrder: 'Seine Lizenzen sind nicht bestätigt: erst müssen seine Einzelheiten gelesen werden.',
    note: 'Einige Abonnements wurden noch nicht gelesen. Sie fehlen hier, und keine Summe enthält ihre Lizenzen.',
    show: 'Ansehen',
    notCounted: '{count, plural, one {# Abonnement nicht gelesen} other {# Abonnements nicht gelesen}}',
    noneTitle: 'Alle Abonnements wurden gelesen',
    noneDetail: 'Jede Zahl der Lizenzen ist von Ingram Micro bestätigt.',
  },
});
