import { Agent, request } from 'node:http';

/** A request that gets no response in this time is lost. */
const patienceMs = 20_000;

/**
 * Sends requests without a pause until it is stopped: half of the clients keep their connections, half open one for each.
 * @param {{name: string, url: string, headers: Record<string, string>}[]} targets asked in turns
 * @param {number} clients
 */
export function startLoad(targets, clients) {
  const answers = new Map();
  const lost = [];
  let sent = 0;
  let stopped = false;
  const slowest = { ms: 0, name: '' };

  async function client(number) {
    const agent = new Agent({ keepAlive: number % 2 === 0, maxSockets: 1 });
    for (let turn = number; !stopped; turn += 1) {
      const { name, url, headers } = targets[turn % targets.length];
      const started = Date.now();
      const outcome = await ask(url, headers, agent);
      sent += 1;
      const ms = Date.now() - started;
      if (ms > slowest.ms) Object.assign(slowest, { ms, name });
      answers.set(outcome.said, (answers.get(outcome.said) ?? 0) + 1);
      if (!outcome.ok)
        lost.push(
          `${new Date(started).toISOString()} ${name}: ${outcome.said}${number % 2 ? '' : ', kept connection'}`,
        );
    }
    agent.destroy();
  }
  const running = Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  const started = Date.now();

  return {
    sent: () => sent,
    async stop() {
      stopped = true;
      await running;
      const seconds = (Date.now() - started) / 1000;
      return {
        sent,
        lost,
        inWords:
          `${sent} requests in ${seconds.toFixed(0)} s by ${clients} clients, ${lost.length} lost; ` +
          `${[...answers].map(([said, count]) => `${said}: ${count}`).join(', ')}; ` +
          `the slowest took ${slowest.ms} ms (${slowest.name})`,
      };
    },
  };
}

/** Anything but a success is a loss: who sent it got no answer that is of use. */
function ask(url, headers, agent) {
  return new Promise((resolve) => {
    const sent = request(url, { headers, agent, timeout: patienceMs }, (response) => {
      response.once('error', (error) => resolve({ ok: false, said: error.code ?? error.message }));
      response.once('end', () =>
        resolve({
          ok: response.statusCode >= 200 && response.statusCode < 300,
          said: String(response.statusCode),
        }),
      );
      response.resume();
    });
    sent.once('timeout', () => sent.destroy(new Error(`no answer in ${patienceMs} ms`)));
    sent.once('error', (error) => resolve({ ok: false, said: error.code ?? error.message }));
    sent.end();
  });
}
