import { setImmediate as turn } from 'node:timers/promises';
import { KeyedQueue, Semaphore } from './keyed-queue.ts';

describe('KeyedQueue', () => {
  it('runs the tasks of one key after each other and those of others beside them', async () => {
    const queue = new KeyedQueue(10);
    const log: string[] = [];
    const task = (name: string, turns: number) => async () => {
      log.push(`${name} begins`);
      for (let left = turns; left > 0; left -= 1) await turn();
      log.push(`${name} ends`);
    };
    await queue.add('a', task('a1', 3));
    await queue.add('a', task('a2', 1));
    await queue.add('b', task('b1', 1));
    await queue.idle();
    expect(log).toEqual(['a1 begins', 'b1 begins', 'b1 ends', 'a1 ends', 'a2 begins', 'a2 ends']);
  });

  it('never has more in hand than its limit', async () => {
    const queue = new KeyedQueue(3);
    let inHand = 0;
    let most = 0;
    for (let index = 0; index < 50; index += 1) {
      await queue.add(`key ${index}`, async () => {
        most = Math.max(most, (inHand += 1));
        await turn();
        inHand -= 1;
      });
    }
    await queue.idle();
    expect(most).toBe(3);
  });

  it('keeps the order of a key, and its limit, when callers do not wait to be admitted', async () => {
    const queue = new KeyedQueue(2);
    const done: number[] = [];
    let inHand = 0;
    let most = 0;
    const added = Array.from({ length: 20 }, (_, index) =>
      queue.add(`key ${index % 3}`, async () => {
        most = Math.max(most, (inHand += 1));
        await turn();
        inHand -= 1;
        done.push(index);
      }),
    );
    await Promise.all(added);
    await queue.idle();
    for (const key of [0, 1, 2]) {
      const ofKey = done.filter((index) => index % 3 === key);
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
    }
    expect(done).toHaveLength(20);
    expect(most).toBe(2);
  });

  it('is not idle right after a task was added', async () => {
    const queue = new KeyedQueue();
    let done = false;
    void queue.add('a', async () => {
      await turn();
      done = true;
    });
    await queue.idle();
    expect(done).toBe(true);
  });
});

describe('Semaphore', () => {
  it('lets those that wait in by the order they came, and gives a place back after a failure', async () => {
    const semaphore = new Semaphore(1);
    const log: string[] = [];
    const runs = ['a', 'b', 'c'].map((name) =>
      semaphore.run(async () => {
        log.push(name);
        await turn();
        if (name === 'a') throw new Error('a failed');
      }),
    );
    const results = await Promise.allSettled(runs);
    expect(log).toEqual(['a', 'b', 'c']);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  it('follows a limit that is raised or lowered while tasks wait', async () => {
    const semaphore = new Semaphore(1);
    let running = 0;
    const ends: (() => void)[] = [];
    const run = () =>
      semaphore.run(async () => {
        running += 1;
        await new Promise<void>((end) => ends.push(end));
        running -= 1;
      });
    const runs = Array.from({ length: 5 }, run);
    await turn();
    expect(running).toBe(1);

    semaphore.setLimit(3);
    await turn();
    expect(running).toBe(3);

    semaphore.setLimit(1);
    ends.shift()!();
    await turn();
    expect(running).toBe(2);

    semaphore.setLimit(5);
    await turn();
    expect(running).toBe(4);
    while (ends.length > 0) {
      ends.shift()!();
      await turn();
    }
    await Promise.all(runs);
  });
});
