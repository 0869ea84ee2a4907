import { PartNumber } from '@isthmus/domain';
import type { SuggestedCandidate, SuggestionQuestion } from '../src/part-numbers/suggestions.ts';

/** vendor, mpn, name, and the ways it is sold as `billing/term`. Shapes and near misses as in Microsoft's and others' lists. */
const families: [string, string, string, string[]][] = [
  [
    'MICROSOFT',
    'CFQ7TTC0LH16:0001',
    'Microsoft 365 Business Basic',
    ['P1M/P1M', 'P1M/P1Y', 'P1Y/P1Y', 'P1M/P3Y'],
  ],
  ['MICROSOFT', 'CFQ7TTC0LH16:0005', 'Exchange Online (Plan 1)', ['P1M/P1M', 'P1M/P1Y', 'P1Y/P1Y']],
  ['MICROSOFT', 'CFQ7TTC0LH1P:0001', 'Exchange Online (Plan 2)', ['P1M/P1M', 'P1M/P1Y', 'P1Y/P1Y']],
  ['MICROSOFT', 'CFQ7TTC0LF8Q:0001', 'Office 365 E1', ['P1M/P1Y', 'P1Y/P1Y']],
  ['MICROSOFT', 'CFQ7TTC0LF8R:0001', 'Office 365 E3', ['P1M/P1Y', 'P1Y/P1Y']],
  ['MICROSOFT', 'CFQ7TTC0LCHC:0002', 'Microsoft 365 Business Premium', ['P1M/P1M', 'P1M/P1Y', 'P1Y/P1Y']],
  ['MICROSOFT', 'CFQ7TTC0LCHC:000E', 'Microsoft 365 Business Premium (NCE EDU MTH)', ['P1M/P1Y']],
  ['MICROSOFT', 'CFQ7TTC0HD32:0002', 'Visio Plan 2', ['P1M/P1Y', 'P1Y/P1Y']],
  ['MICROSOFT', 'bd938f12-058f-4927-bba3-ae36b1d2501c', 'Office 365 Business Essentials (CSP)', ['P1M/P1Y']],
  [
    'MICROSOFT',
    '031c9e47-4802-4248-838e-778fb1d2cc05_ANNUAL',
    'Office 365 Business Premium (CSP)',
    ['P1Y/P1Y'],
  ],
  [
    'MICROSOFT',
    '031c9e47-4802-4248-838e-778fb1d2cc05_MONTHLY',
    'Office 365 Business Premium (CSP)',
    ['P1M/P1M'],
  ],
  [
    'MICROSOFT',
    '2828be46-46ba-4f91-b2fd-0bef192ecf60',
    'Exchange Online Archiving (CSP)',
    ['P1M/P1M', 'P1Y/P1Y'],
  ],
  ['ACRONIS', 'ACR-CP-STD', 'Cyber Protect Standard', ['P1M/P1M']],
  ['ACRONIS', 'ACR-CP-100G', 'Cyber Protect Cloud Storage 100 GB', ['P1M/P1M']],
  ['ACRONIS', 'BACKUP-STD', 'Backup Standard', ['P1M/P1M']],
  ['VEEAM', 'BACKUP-STD', 'Backup Standard', ['P1M/P1M']],
  ['ADOBE', '65297934CA01A12', 'Acrobat Pro for teams', ['P1M/P1M', 'P1Y/P1Y']],
  ['ADOBE', '65297934CA01A13', 'Acrobat Standard for teams', ['P1M/P1M', 'P1Y/P1Y']],
];

export const catalogue: SuggestedCandidate[] = families.flatMap(([vendor, mpn, name, ways]) =>
  ways.map((way) => {
    const [billingPeriod, term] = way.split('/') as [string, string];
    return { id: `${vendor} ${mpn} ${way}`, vendor, mpn, name, billingPeriod, term, withdrawn: false };
  }),
);

type Facts = Omit<SuggestionQuestion, 'partNumber'>;
const question = (vendor: string, mpn: string, facts: Facts = {}): SuggestionQuestion => ({
  partNumber: PartNumber.of(vendor, mpn),
  ...facts,
});
const monthly = { billingPeriod: 'P1M', term: 'P1M' };
const annualPaidMonthly = { billingPeriod: 'P1M', term: 'P1Y' };
const annual = { billingPeriod: 'P1Y', term: 'P1Y' };
const before = (id: string) => ({ earlier: catalogue.filter((product) => product.id === id) });

/** What was asked, and which product it is; null where a careful person could not say. */
export const labelled: [SuggestionQuestion, string | null][] = [
  // Known by another spelling of the vendor.
  [question('Microsoft Corporation', 'CFQ7TTC0LH16:0001', monthly), 'MICROSOFT CFQ7TTC0LH16:0001 P1M/P1M'],
  [question('Microsoft Corp', 'CFQ7TTC0LF8Q:0001', annual), 'MICROSOFT CFQ7TTC0LF8Q:0001 P1Y/P1Y'],
  [question('Adobe Systems', '65297934CA01A12', annual), 'ADOBE 65297934CA01A12 P1Y/P1Y'],
  // Copied without colon or with other punctuation.
  [question('MICROSOFT', 'CFQ7TTC0LH160005', annualPaidMonthly), 'MICROSOFT CFQ7TTC0LH16:0005 P1M/P1Y'],
  [question('MICROSOFT', 'CFQ7TTCOLCHC:OOO2', annual), 'MICROSOFT CFQ7TTC0LCHC:0002 P1Y/P1Y'],
  [
    question('MICROSOFT', 'CFQ7TTC0HD32-0002', { term: 'P1Y', billingPeriod: 'P12M' }),
    'MICROSOFT CFQ7TTC0HD32:0002 P1Y/P1Y',
  ],
  [
    question('ACRONIS', 'ACR CP STD', { ...monthly, name: 'Cyber Protect Standard' }),
    'ACRONIS ACR-CP-STD P1M/P1M',
  ],
  // Suffixes that are there on one side only.
  [
    question('MICROSOFT', 'bd938f12-058f-4927-bba3-ae36b1d2501c_MONTHLY', { term: 'P1Y' }),
    'MICROSOFT bd938f12-058f-4927-bba3-ae36b1d2501c P1M/P1Y',
  ],
  [
    question('MICROSOFT', '031c9e47-4802-4248-838e-778fb1d2cc05', annual),
    'MICROSOFT 031c9e47-4802-4248-838e-778fb1d2cc05_ANNUAL P1Y/P1Y',
  ],
  [
    question('MICROSOFT', '031c9e47-4802-4248-838e-778fb1d2cc05', monthly),
    'MICROSOFT 031c9e47-4802-4248-838e-778fb1d2cc05_MONTHLY P1M/P1M',
  ],
  [
    question('MICROSOFT', '2828be46-46ba-4f91-b2fd-0bef192ecf60_ANNUAL', { term: 'P1Y' }),
    'MICROSOFT 2828be46-46ba-4f91-b2fd-0bef192ecf60 P1Y/P1Y',
  ],
  // Chosen by a person before.
  [
    question('Legacy', 'O365-E3', { ...annual, ...before('MICROSOFT CFQ7TTC0LF8R:0001 P1Y/P1Y') }),
    'MICROSOFT CFQ7TTC0LF8R:0001 P1Y/P1Y',
  ],
  [
    question('MICROSOFT', 'OLD-VISIO', before('MICROSOFT CFQ7TTC0HD32:0002 P1M/P1Y')),
    'MICROSOFT CFQ7TTC0HD32:0002 P1M/P1Y',
  ],
  // Right, but only a person can know: a typo, a name alone.
  [
    question('MICROSOFT', 'CFQ7TTC0LCH:0002', { ...annual, name: 'Microsoft 365 Business Premium' }),
    'MICROSOFT CFQ7TTC0LCHC:0002 P1Y/P1Y',
  ],
  [
    question('MICROSOFT', 'M365-BB', { ...monthly, name: 'Microsoft 365 Business Basic (NCE COM MTH)' }),
    'MICROSOFT CFQ7TTC0LH16:0001 P1M/P1M',
  ],
  [
    question('ADOBE', '65297934CA01B12', { ...annual, name: 'Acrobat Pro for teams' }),
    'ADOBE 65297934CA01A12 P1Y/P1Y',
  ],
  // Nobody could say.
  [question('MICROSOFT', 'CFQ7TTC0LH16:0001'), null],
  [question('MICROSOFT', 'CFQ7TTC0LH16:0001', { billingPeriod: 'P1M' }), null],
  [question('MICROSOFT', 'CFQ7TTC0LH160001', { billingPeriod: 'P1M' }), null],
  [question('MICROSOFT', 'CFQ7TTC0LH16:0001', { billingPeriod: 'P3Y', term: 'P3Y' }), null],
  [question('MICROSOFT', 'CFQ7TTC0LH16:0009', annual), null],
  [question('MICROSOFT', 'CFQ7TTC0LF8S:0001', annual), null],
  [question('VERITAS', 'BACKUP-STD', monthly), null],
  [question('VERITAS', 'BACKUP-STD', { ...monthly, name: 'Backup Standard' }), null],
  [question('SYMANTEC', 'ACR-CP-STD', { ...monthly, name: 'Cyber Protect Standard' }), null],
  [question('MICROSOFT', 'bd938f12-058f-4927-bba3-ae36b1d2501c_ANNUAL', { term: 'P1Y' }), null],
  [question('MICROSOFT', 'bd938f12-058f-4927-bba3-ae36b1d2501c_ANNUAL', annual), null],
  [question('MICROSOFT', '031c9e47-4802-4248-838e-778fb1d2cc05', annualPaidMonthly), null],
  [question('ADOBE', '65297934CA01A14', { ...annual, name: 'Acrobat Studio for teams' }), null],
  [question('ADOBE', '65297934CA01A1', annual), null],
  [question('MICROSOFT', 'CFQ7TTC0XXXX:0001', { ...annual, name: 'Office 365 E5' }), null],
  [question('MICROSOFT', 'M365-BP', { ...annualPaidMonthly, name: 'Microsoft 365 Business Premium' }), null],
  [question('NOBODY', 'NOTHING', { name: 'Something else' }), null],
  [
    question('Legacy', 'O365', {
      ...annual,
      earlier: catalogue.filter(({ id }) => /LF8[QR]:0001 P1Y\/P1Y$/.test(id)),
    }),
    null,
  ],
];
