import { productSegment } from './product.ts';

it.each([
  ['Microsoft 365 Business Basic (NCE COM ANN)', 'Commercial'],
  ['Office 365 A3 for faculty (NCE EDU ANN)', 'Education'],
  ['Microsoft 365 E3 (NCE GOV MTH)', 'Government'],
  ['Microsoft 365 Business Premium (Nonprofit Staff Pricing)', 'Charity'],
  ['Acronis Cyber Protect, 100 GB', undefined],
  ['Educated Guess Pro', undefined],
])('%s is for %s', (name, segment) => {
  expect(productSegment(name)).toBe(segment);
});
