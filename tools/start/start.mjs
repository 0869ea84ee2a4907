// `npm start`: starts everything on this machine, shows a demo of the main job, and keeps running. `--help` lists the options.
import { readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { paths, resettable } from './local-folder.mjs';
import { endAll, endLeftovers, leaveFolder, takeFolder } from './processes.mjs';
import { addresses, readStack, withdraw } from './stack-file.mjs';
import { startStack } from './stack.mjs';

const usage = `npm start [-- options]

  --no-demo        only start everything; do not run the demo
  --no-simulator   without the CMP simulator (and so without the demo)
  --single-process all services in one process, for a small machine
  --once           stop after the demo; the exit code says whether it succeeded
  --reset          delete all local data first
`;

const parentEveryMs = 1_000;

const options = readOptions(process.argv.slice(2));
const say = (line) => process.stdout.write(`${line}\n`);

const other = takeFolder();
if (other) {
  const stack = readStack();
  say(`Isthmus is already running (process ${other.pid})${stack ? ':' : ' and is still starting.'}`);
  if (stack) say(addresses(stack));
  const undone = ['once', 'reset'].filter((name) => options[name]).map((name) => `--${name}`);
  if (undone.length > 0) say(`${undone.join(' and ')} had no effect: stop that one first (Ctrl-C there).`);
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
// If nobody reads the output any more (a closed terminal, `| head`), nothing is left running unattended.
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

/** @returns {{demo: boolean, simulator: boolean, singleProcess: boolean, once: boolean, reset: boolean}} */
function readOptions(argv) {
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      allowNegative: true,
      options: {
        demo: { type: 'boolean', default: true },
        simulator: { type: 'boolean', default: true },
        'single-process': { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        reset: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  return {
    ...values,
    demo: values.demo && values.simulator,
    singleProcess: values['single-process'],
  };
}

/**
 * Calls `end` once, at the first sign that it is time to end: Ctrl-C, SIGTERM, a closed terminal, or the death of the npm that
 * started us (npm passes SIGINT and SIGTERM on, but nothing when it is killed).
 * @param {(sign: string) => void} end
 */
function onEnd(end) {
  let ended = false;
  const once = (sign) => {
    if (ended) return;
    ended = true;
    end(sign);
  };
  for (const sign of ['SIGINT', 'SIGTERM', ...(hangUpIsIgnored() ? [] : ['SIGHUP'])]) process.on(sign, once);

  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event) return;
  setInterval(() => {
    if (process.ppid !== parent) once('npm has ended');
  }, parentEveryMs).unref();
}

/** `nohup npm start` is meant to survive the terminal; a handler of ours would undo that. */
function hangUpIsIgnored() {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}
