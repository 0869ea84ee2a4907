// `npm start`: everything on this machine, the main job shown, then it stays up. `--help` tells the options.
import { rmSync } from 'node:fs';
import { addresses } from './addresses.mjs';
import { onEnd } from './on-end.mjs';
import { readOptions } from './options.mjs';
import { paths, resettable } from './paths.mjs';
import { endAll, endLeftovers } from './process-record.mjs';
import { leaveFolder, takeFolder } from './single-start.mjs';
import { readStack, withdraw } from './stack-file.mjs';
import { startStack } from './stack.mjs';

const options = readOptions(process.argv.slice(2));
const say = (line) => process.stdout.write(`${line}\n`);

const other = takeFolder();
if (other) {
  const stack = readStack();
  say(`Isthmus is already running (process ${other.pid})${stack ? ':' : ', and just starting.'}`);
  if (stack) say(addresses(stack));
  const undone = ['once', 'reset'].filter((name) => options[name]).map((name) => `--${name}`);
  if (undone.length > 0) say(`${undone.join(' and ')} not done: end that one first (Ctrl-C there).`);
  process.exit(undone.length > 0 ? 3 : 0);
}

const ending = new AbortController();
let code = 0;

async function end(because) {
  if (!ending.signal.aborted) say(`${because} Stopping everything that was started here ...`);
  ending.abort();
  await endAll();
  leaveFolder();
  say('Stopped.');
  process.exit(code);
}
onEnd((sign) => void end(`\n${sign}.`));
// A reader that has gone (a closed terminal, `| head`) is no reason to leave everything running unattended.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.on('uncaughtException', (error) => fail(error));

async function fail(error) {
  if (ending.signal.aborted) return;
  code = 1;
  process.stderr.write(`\nThe start failed. ${error.message}\n`);
  if (process.env.DEBUG) process.stderr.write(`${error.stack}\n`);
  await end('');
}

try {
  const started = Date.now();
  withdraw();
  const left = await endLeftovers();
  if (left.length > 0) say(`Ended what an earlier start had left running: ${left.join(', ')}.`);
  if (options.reset) for (const path of resettable) rmSync(path, { recursive: true, force: true });

  say('Starting PostgreSQL, NATS and the services ...');
  const stack = await startStack(options, say, ending.signal);
  say(`Everything is ready after ${((Date.now() - started) / 1000).toFixed(1)} s.\n`);
  if (options.demo) {
    const { demonstrate } = await import('./demo/demonstrate.mjs');
    await demonstrate(stack, say, ending.signal);
  }
  if (options.once) {
    await end('That was the demo.');
  } else {
    say(addresses(stack));
    say(`  Logs are in ${paths.logs}. Ctrl-C stops everything.`);
  }
} catch (error) {
  await fail(error);
}
