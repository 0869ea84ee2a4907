import { type AccountToLink, comparableName, type LinkCandidate, suggestLinks } from './link-suggestions.ts';

const account = (facts: Partial<AccountToLink> = {}): AccountToLink => ({
  name: 'Unlike Anything',
  externalId: null,
  email: null,
  taxRegId: null,
  domains: [],
  ...facts,
});
const candidate = (id: string, facts: Partial<LinkCandidate> = {}): LinkCandidate => ({
  id,
  name: `Candidate ${id}`,
  domains: [],
  emails: [],
  taxRegId: null,
  ...facts,
});
const codes = (of: AccountToLink, to: LinkCandidate) =>
  suggestLinks(of, [to]).flatMap(({ reasons }) => reasons.map(({ code }) => code));

it.each<[string, Partial<AccountToLink>, Partial<LinkCandidate>]>([
  ['same-external-id', { externalId: ' w-1 ' }, { id: 'W-1' }],
  ['same-tax-id', { taxRegId: 'GB 123-456.789' }, { taxRegId: 'gb123456789' }],
  ['same-domain', { domains: ['contoso.onmicrosoft.com'] }, { domains: ['Contoso.onmicrosoft.com'] }],
  ['same-email-domain', { email: 'it@contoso.test' }, { emails: ['boss@CONTOSO.test'] }],
  ['same-email-domain', { email: 'it@contoso.test' }, { domains: ['contoso.test'] }],
  ['same-name', { name: 'Contoso Ltd.' }, { name: 'CONTOSO Limited' }],
])('suggests a candidate with the %s and says so', (code, of, to) => {
  expect(codes(account(of), candidate('x', to))).toEqual([code]);
});

it.each<[string, Partial<AccountToLink>, Partial<LinkCandidate>]>([
  ['a freemail domain', { email: 'ann@gmail.com' }, { emails: ['bob@gmail.com'] }],
  [
    'a freemail domain that somebody entered as their own',
    { email: 'ann@gmail.com' },
    { domains: ['gmail.com'] },
  ],
  ['a filler tax id', { taxRegId: '000000000' }, { taxRegId: '000000000' }],
  ['missing facts', {}, {}],
  ['an empty external id', { externalId: '' }, { id: '' }],
  ['a name of signs only', { name: '---' }, { name: '...' }],
  ['one word of several', { name: 'Contoso Retail' }, { name: 'Contoso' }],
])('suggests nothing for %s', (_, of, to) => {
  expect(codes(account(of), candidate('x', to))).toEqual([]);
});

it.each([
  'googlemail.com',
  'outlook.de',
  'proton.me',
  'btinternet.com',
  'qq.com',
  'ziggo.nl',
  'tutanota.com',
])('knows %s as a freemail domain', (domain) => {
  expect(codes(account({ email: `ann@${domain}` }), candidate('x', { emails: [`bob@${domain}`] }))).toEqual(
    [],
  );
});

it.each(['ibm.com', 'siemens.com', 'contoso.com', 'ingrammicro.com', 'microsoft.com'])(
  'knows %s as the domain of a company',
  (domain) => {
    expect(codes(account({ email: `ann@${domain}` }), candidate('x', { emails: [`bob@${domain}`] }))).toEqual(
      ['same-email-domain'],
    );
  },
);

it('adds up reasons, counts a domain once, and puts the best first', () => {
  const of = account({
    name: 'Contoso',
    email: 'it@contoso.test',
    domains: ['contoso.test'],
    taxRegId: '55555-1',
  });
  const found = suggestLinks(of, [
    candidate('name', { name: 'Contoso Inc' }),
    candidate('all', { name: 'Contoso', domains: ['contoso.test'], taxRegId: '555551' }),
    candidate('domain', { domains: ['contoso.test'] }),
  ]);
  expect(found.map(({ tenantAccountId, score, tied }) => [tenantAccountId, score, tied])).toEqual([
    ['all', 100, false],
    ['domain', 50, false],
    ['name', 40, false],
  ]);
  expect(found[1]?.reasons.map(({ code }) => code)).toEqual(['same-domain']);
});

it('shows a tie as a tie, also when it reaches over the end of the list', () => {
  const twins = ['a', 'b', 'c'].map((id) => candidate(id, { name: 'Contoso' }));
  expect(suggestLinks(account({ name: 'Contoso' }), twins, 1)).toMatchObject([
    { tenantAccountId: 'a', tied: true },
  ]);
});

it.each([
  ['Müller & Co. GmbH', 'Muller and Co'],
  ['Pirelli S.p.A.', 'PIRELLI SPA'],
  ['Philips B.V.', 'philips'],
  ['Straße AG', 'strasse'],
])('takes "%s" and "%s" for the same name', (one, other) => {
  expect(comparableName(one)).toBe(comparableName(other));
});

it('keeps a name that is nothing but a legal form', () => {
  expect(comparableName('AG')).toBe('ag');
});
