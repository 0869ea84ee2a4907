import { parseArgs } from 'node:util';

const usage = `npm start [-- options]

  --no-demo        only start everything; do not show the main job
  --no-simulator   without the CMP simulator (and so without the demo)
  --once           stop after the demo; the exit code says whether it went well
  --reset          forget all local data first
`;

/** @returns {{demo: boolean, simulator: boolean, once: boolean, reset: boolean}} */
export function readOptions(argv) {
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      allowNegative: true,
      options: {
        demo: { type: 'boolean', default: true },
        simulator: { type: 'boolean', default: true },
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
  return { ...values, demo: values.demo && values.simulator };
}
