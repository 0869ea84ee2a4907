import { withPatience } from './bug.ts';
import type { Bug } from './bug.ts';

export const hastyResend: Bug = {
  name: 'hasty-resend',
  mistake: 'Two looks a minute apart are taken for proof that nothing arrived.',
  world: (right) => withPatience(right, { resendFloor: 60_000, resendFactor: 0 }),
};
