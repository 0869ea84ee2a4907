import { SharedTask } from './cmp-token.ts';

describe('SharedTask', () => {
  const work = () => {
    let finish!: (value: string) => void;
    let signal!: AbortSignal;
    const task = new SharedTask((given) => {
      signal = given;
      return new Promise<string>((resolve) => (finish = resolve));
    });
    return { task, finish: (value: string) => finish(value), signal };
  };

  it('goes on for the others when one gives up', async () => {
    const { task, finish, signal } = work();
    const impatient = new AbortController();
    const first = task.join(impatient.signal);
    const second = task.join();
    impatient.abort(new Error('gave up'));
    await expect(first).rejects.toThrow('gave up');
    expect(signal.aborted).toBe(false);
    finish('done');
    await expect(second).resolves.toBe('done');
  });

  it('is called off when all have given up', async () => {
    const { task, signal } = work();
    const impatient = new AbortController();
    const only = task.join(impatient.signal);
    impatient.abort(new Error('gave up'));
    await expect(only).rejects.toThrow('gave up');
    await task.ended;
    expect(signal.aborted).toBe(true);
  });
});
