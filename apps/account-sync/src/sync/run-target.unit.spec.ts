import { checkRunRequest, parseTarget, printTarget } from './run-target.ts';

const id = '6f1d7c0e-6f0a-4f63-9d52-3c7b7c0f0a11';

it.each([{}, { providerAccountId: id }, { billingContractId: id }])(
  'reads back the target %j it wrote',
  (target) => {
    expect(parseTarget(printTarget(target))).toEqual(target);
  },
);

it.each([
  ['accounts', 'full', {}],
  ['orders', 'incremental', {}],
  ['subscriptions', 'scrub', {}],
  ['subscriptions', 'full', { providerAccountId: id }],
  ['subscriptions', 'incremental', { billingContractId: id }],
] as const)('accepts %s, %s, %j', (scope, depth, target) => {
  expect(() => checkRunRequest({ scope, depth, ...target })).not.toThrow();
});

it.each([
  ['accounts', 'full', { billingContractId: id }, 'billingContractId'],
  ['accounts', 'full', { providerAccountId: id }, 'providerAccountId'],
  ['orders', 'full', { providerAccountId: id }, 'providerAccountId'],
  ['subscriptions', 'full', { providerAccountId: id, billingContractId: id }, 'billingContractId'],
  ['subscriptions', 'scrub', { providerAccountId: id }, 'providerAccountId'],
  ['accounts', 'incremental', {}, 'depth'],
  ['accounts', 'scrub', {}, 'depth'],
  ['orders', 'scrub', {}, 'depth'],
] as const)('refuses %s, %s, %j, naming %4$s', (scope, depth, target, field) => {
  expect(() => checkRunRequest({ scope, depth, ...target })).toThrow(expect.objectContaining({ field }));
});
