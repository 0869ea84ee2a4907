import { setImmediate as turn } from 'node:timers/promises';
import { Lanes } from './lanes.ts';

it('runs the tasks of one key after each other and those of others beside them', async () => {
  const lanes = new Lanes(10);
  const log: string[] = [];
  const task = (name: string, turns: number) => async () => {
    log.push(`${name} begins`);
    for (let left = turns; left > 0; left -= 1) await turn();
    log.push(`${name} ends`);
  };
  await lanes.admit('a', task('a1', 3));
  await lanes.admit('a', task('a2', 1));
  await lanes.admit('b', task('b1', 1));
  await lanes.idle();
  expect(log).toEqual(['a1 begins', 'b1 begins', 'b1 ends', 'a1 ends', 'a2 begins', 'a2 ends']);
});

it('never has more in hand than its limit', async () => {
  const lanes = new Lanes(3);
  let inHand = 0;
  let most = 0;
  for (let index = 0; index < 50; index += 1) {
    await lanes.admit(`key ${index}`, async () => {
      most = Math.max(most, (inHand += 1));
      await turn();
      inHand -= 1;
    });
  }
  await lanes.idle();
  expect(most).toBe(3);
});
