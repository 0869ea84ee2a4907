import { defineTexts } from '../../texts/texts.ts';

export const home = defineTexts('home', {
  en: {
    title: 'Home',
    connectTitle: 'Connect Ingram Micro',
    connectDetail:
      'Isthmus reads your customers and subscriptions from Ingram Micro and gives them to Work 365. It begins with the access data of your Marketplace API item in CloudMarketplace.',
    connect: 'Connect Ingram',
    needs: 'What needs you',
    nobody: 'Nothing waits for anybody',
    nobodyDetail: 'As of {time}. What goes on by itself is below.',
    urgent: 'Now',
    oldest: 'oldest {ago}',
    'need-attention': '{count, plural, one {# order needs attention} other {# orders need attention}}',
    'need-approval': '{count, plural, one {# order waits for approval} other {# orders wait for approval}}',
    'need-paused': '{count, plural, one {# connector is paused} other {# connectors are paused}}',
    'need-held':
      '{count, plural, one {# sync run is held: it would end many records} other {# sync runs are held: they would end many records}}',
    'need-failedRuns':
      '{count, plural, one {# sync run failed in the last 24 hours} other {# sync runs failed in the last 24 hours}}',
    'need-endpoints':
      '{count, plural, one {# webhook endpoint does not get its events} other {# webhook endpoints do not get their events}}',
    'need-unlinked': '{count, plural, one {# account is not linked} other {# accounts are not linked}}',
    'need-withoutContract':
      '{count, plural, one {# account has no billing contract} other {# accounts have no billing contract}}',
    'need-partNumbers': '{count, plural, one {# part number to map} other {# part numbers to map}}',
    subscriptionsWait: '{count, plural, one {# subscription waits} other {# subscriptions wait}}',
    unknown: 'Some of this page is missing',
    unknownDetail: 'Does not respond: {services}. What it knows is left out; nothing of it is zero.',
    setup: 'Until the first bill',
    setupDetail: '{done} of {total} steps done',
    done: 'Done',
    'step-connect': 'Connect Ingram Micro',
    'step-verify': 'Verify the connectivity',
    'step-sync': 'Sync the provider accounts',
    'step-link': 'Link a customer with its Work 365 account',
    'step-contract': 'Make a billing contract for it',
    freshness: 'Freshness',
    freshnessDetail: 'When the subscriptions of each connector were last read completely.',
    never: 'Never read',
    fresh: 'Fresh',
    old: 'Older than a day',
    paused: 'Paused',
    fix: 'See why',
    readNow: 'Start a sync run',
    running: 'In progress',
    noRuns: 'No sync run is in progress.',
    openOrders: '{count, plural, =0 {No order is open} one {# order is open} other {# orders are open}}',
    renewals: 'Renewals',
    'renewals-7': 'within 7 days',
    'renewals-30': 'within 30 days',
    'renewals-90': 'within 90 days',
    renewalsOf: '{count, plural, one {# subscription} other {# subscriptions}} {within}',
    windows:
      '{count, plural, =0 {No cancellation window closes within 7 days} one {# cancellation window closes within 7 days} other {# cancellation windows close within 7 days}}',
    catalogRun: 'Catalogue',
  },
  de: {
    title: 'Start',
    connectTitle: 'Ingram Micro verbinden',
    connectDetail:
      'Isthmus liest Ihre Kunden und Abonnements aus dem CloudMarketplace und gibt sie an Work 365. Es beginnt mit den Zugangsdaten Ihrer Marketplace API.',
    connect: 'Ingram verbinden',
    needs: 'Was auf Sie wartet',
    nobody: 'Nichts wartet auf jemanden',
    nobodyDetail: 'Stand {time}. Was von allein läuft, steht unten.',
    urgent: 'Jetzt',
    oldest: 'älteste {ago}',
    'need-attention':
      '{count, plural, one {# Bestellung braucht Aufmerksamkeit} other {# Bestellungen brauchen Aufmerksamkeit}}',
    'need-approval':
      '{count, plural, one {# Bestellung wartet auf Freigabe} other {# Bestellungen warten auf Freigabe}}',
    'need-paused': '{count, plural, one {# Konnektor ist angehalten} other {# Konnektoren sind angehalten}}',
    'need-held':
      '{count, plural, one {# Abgleich wird zurückgehalten: er würde viele Datensätze beenden} other {# Abgleiche werden zurückgehalten: sie würden viele Datensätze beenden}}',
    'need-failedRuns':
      '{count, plural, one {# Abgleich ist in den letzten 24 Stunden fehlgeschlagen} other {# Abgleiche sind in den letzten 24 Stunden fehlgeschlagen}}',
    'need-endpoints':
      '{count, plural, one {# Webhook-Endpunkt bekommt seine Ereignisse nicht} other {# Webhook-Endpunkte bekommen ihre Ereignisse nicht}}',
    'need-unlinked':
      '{count, plural, one {# Konto ist nicht verknüpft} other {# Konten sind nicht verknüpft}}',
    'need-withoutContract':
      '{count, plural, one {# Konto hat keinen Abrechnungsvertrag} other {# Konten haben keinen Abrechnungsvertrag}}',
    'need-partNumbers':
      '{count, plural, one {# Artikelnummer ist zuzuordnen} other {# Artikelnummern sind zuzuordnen}}',
    subscriptionsWait: '{count, plural, one {# Abonnement wartet} other {# Abonnements warten}}',
    unknown: 'Ein Teil dieser Seite fehlt',
    unknownDetail: 'Antwortet nicht: {services}. Was dort bekannt ist, fehlt hier; es ist nicht null.',
    setup: 'Bis zur ersten Rechnung',
    setupDetail: '{done} von {total} Schritten erledigt',
    done: 'Erledigt',
    'step-connect': 'Ingram Micro verbinden',
    'step-verify': 'Die Verbindung prüfen',
    'step-sync': 'Die Anbieterkonten abgleichen',
    'step-link': 'Einen Kunden mit seinem Work-365-Konto verknüpfen',
    'step-contract': 'Einen Abrechnungsvertrag dafür anlegen',
    freshness: 'Aktualität',
    freshnessDetail: 'Wann die Abonnements jedes Konnektors zuletzt vollständig gelesen wurden.',
    never: 'Nie gelesen',
    fresh: 'Aktuell',
    old: 'Älter als ein Tag',
    paused: 'Angehalten',
    fix: 'Warum?',
    readNow: 'Abgleich starten',
    running: 'Läuft gerade',
    noRuns: 'Kein Abgleich läuft.',
    openOrders:
      '{count, plural, =0 {Keine Bestellung ist offen} one {# Bestellung ist offen} other {# Bestellungen sind offen}}',
    renewals: 'Verlängerungen',
    'renewals-7': 'in 7 Tagen',
    'renewals-30': 'in 30 Tagen',
    'renewals-90': 'in 90 Tagen',
    renewalsOf: '{count, plural, one {# Abonnement} other {# Abonnements}} {within}',
    windows:
      '{count, plural, =0 {Keine Kündigungsfrist endet in 7 Tagen} one {# Kündigungsfrist endet in 7 Tagen} other {# Kündigungsfristen enden in 7 Tagen}}',
    catalogRun: 'Katalog',
  },
});
