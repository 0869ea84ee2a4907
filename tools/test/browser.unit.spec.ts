import { judgeBrowser as judge } from './steps.mjs';

const report = (stats: object, errors: unknown[] = []) => ({
  stats: { expected: 3, unexpected: 0, flaky: 0, skipped: 0, ...stats },
  errors,
});

it('counts each test in the browser', () => {
  expect(judge(0, report({}))).toEqual({ passed: 3, failed: 0, skipped: 0, note: '' });
  expect(judge(1, report({ unexpected: 2 }))).toMatchObject({ passed: 3, failed: 2 });
});

it.each([
  ['that passed only when repeated', 0, report({ flaky: 1 }), /repeated/],
  ['that did not run', 0, report({ skipped: 1 }), /did not run/],
  ['of which none ran', 0, report({ expected: 0 }), /no test ran/],
  ['that broke before they began', 1, report({}, [{ message: 'global setup' }]), /^$/],
  ['whose runner failed without a word', 1, report({}), /ended with 1/],
])('tests %s have not passed', (_, code, said, note) => {
  expect(judge(code, said)).toMatchObject({ failed: 1, note: expect.stringMatching(note) });
});
