import { defineTexts } from '../../../texts/texts.ts';

/** What is wrong with a field, whichever form it is in. */
export const validation = defineTexts('validation', {
  en: {
    check: 'Please check what is marked below',
    required: 'Fill this in',
    domain: 'Enter a whole domain, such as contoso.onmicrosoft.com',
    email: 'Enter an e-mail address, such as mail@contoso.com',
    address: 'Enter a whole address, such as https://example.com/path',
    date: 'Enter a date',
    whole: 'Enter a whole number',
    number: 'Enter a number',
    least: 'Enter {limit} or more',
    most: 'Enter {limit} or less',
    longer: 'Enter at least {limit, plural, one {# character} other {# characters}}',
    shorter: 'Enter at most {limit, plural, one {# character} other {# characters}}',
    choice: 'Choose one of the values offered',
    other: 'This value is not accepted',
  },
  de: {
    check: 'Bitte prüfen Sie, was unten markiert ist',
    required: 'Bitte ausfüllen',
    domain: 'Geben Sie eine ganze Domain ein, etwa contoso.onmicrosoft.com',
    email: 'Geben Sie eine E-Mail-Adresse ein, etwa mail@contoso.com',
    address: 'Geben Sie eine ganze Adresse ein, etwa https://example.com/pfad',
    date: 'Geben Sie ein Datum ein',
    whole: 'Geben Sie eine ganze Zahl ein',
    number: 'Geben Sie eine Zahl ein',
    least: 'Geben Sie {limit} oder mehr ein',
    most: 'Geben Sie {limit} oder weniger ein',
    longer: 'Geben Sie mindestens {limit, plural, one {# Zeichen} other {# Zeichen}} ein',
    shorter: 'Geben Sie höchstens {limit, plural, one {# Zeichen} other {# Zeichen}} ein',
    choice: 'Wählen Sie einen der angebotenen Werte',
    other: 'Dieser Wert wird nicht angenommen',
  },
});
