import { defineTexts } from '../../texts/texts.ts';

/** The runs that read the subscriptions of an account or a contract, where they are started. */
export const subscriptionSync = defineTexts('subscription-sync', {
  en: {
    title: 'Sync of the subscriptions',
    started: 'The subscriptions of {name} are being read',
    joined: 'The subscriptions of {name} are being read already',
    notStarted: 'The subscriptions of {name} are not read',
    toRun: 'Show the run',
    failed: 'It failed: {reason}',
    dismiss: 'Hide',
  },
  de: {
    title: 'Abgleich der Abonnements',
    started: 'Die Abonnements von {name} werden gelesen',
    joined: 'Die Abonnements von {name} werden schon gelesen',
    notStarted: 'Die Abonnements von {name} werden nicht gelesen',
    toRun: 'Abgleich ansehen',
    failed: 'Er ist gescheitert: {reason}',
    dismiss: 'Ausblenden',
  },
});
