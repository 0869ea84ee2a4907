import { limits, sizesOf } from '../size.mjs';

const page = 'src/pages/orders/orders-page.tsx';
const manifest = {
  'index.html': { file: 'frame.js', isEntry: true, imports: ['_shared.js'], css: ['frame.css'] },
  '_shared.js': { file: 'shared.js' },
  '_parts.js': { file: 'parts.js', imports: ['_shared.js'] },
  [page]: { file: 'orders.js', isDynamicEntry: true, imports: ['_parts.js', 'index.html'] },
  'src/pages/orders/order-drawer.tsx': {
    file: 'drawer.js',
    isDynamicEntry: true,
    imports: ['_parts.js', '_form.js'],
  },
  '_form.js': { file: 'form.js' },
};
const kB: Record<string, number> = {
  'frame.js': 90,
  'frame.css': 1,
  'shared.js': 30,
  'parts.js': 60,
  'orders.js': 8,
  'drawer.js': 5,
  'form.js': 20,
};
const sizes = (changed: Record<string, number> = {}) =>
  sizesOf(manifest, (file) => ({ ...kB, ...changed })[file]! * 1000);

it('counts each file once: the frame, what a page loads with it, and what a click adds to that page', () => {
  expect(sizes()).toEqual({
    shell: 121,
    pages: [{ page, firstLoad: 189 }],
    later: [{ file: 'src/pages/orders/order-drawer.tsx', own: 25 }],
    problems: [],
  });
});

it.each([
  ['the shell', { 'frame.js': limits.shell }, /^The shell has/],
  ['a page', { 'orders.js': limits.firstLoad }, /^The first load of src\/pages\/orders/],
  ['what a click loads', { 'form.js': limits.later }, /order-drawer\.tsx adds 65\.0 kB, 60 at most/],
])('%s that grows too large is a problem', (_, changed, problem) => {
  expect(sizes(changed).problems).toEqual([expect.stringMatching(problem)]);
});

it('a build without pages is a problem, not a small console', () => {
  expect(sizesOf({ 'index.html': { file: 'frame.js', isEntry: true } }, () => 1).problems).toHaveLength(1);
});
