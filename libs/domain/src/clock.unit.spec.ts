import { VirtualClock } from './clock.ts';

describe('VirtualClock', () => {
  it('wakes sleepers in the order of their moments, also those who lie down again meanwhile', async () => {
    const clock = new VirtualClock(0);
    const woken: string[] = [];
    const nap = async (name: string, ...naps: number[]) => {
      for (const ms of naps) {
        await clock.sleep(ms);
        woken.push(`${name}@${clock.now()}`);
      }
    };
    void nap('a', 10, 10, 10);
    void nap('b', 15, 4);

    await clock.advance(25);

    expect(woken).toEqual(['a@10', 'b@15', 'b@19', 'a@20']);
    expect(clock.now()).toBe(25);
  });

  it('lets a sleeper go with the signal’s reason when it is aborted', async () => {
    const abort = new AbortController();
    const nap = new VirtualClock().sleep(10, abort.signal);
    abort.abort(new Error('enough'));
    await expect(nap).rejects.toThrow('enough');
  });
});
