import type { SimulatorOptions } from './simulator-options.ts';

/** Reads the environment. Throws a RangeError that names the variable that does not parse. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): SimulatorOptions {
  return {
    port: whole(env, 'PORT', 0),
    host: env.HOST || '127.0.0.1',
    world: env.SIM_WORLD || 'small',
    seed: whole(env, 'SIM_SEED', 1),
    now: env.SIM_NOW || undefined,
    clock: env.SIM_CLOCK === 'stopped' ? 'stopped' : 'running',
    orderDelaySeconds: whole(env, 'SIM_ORDER_DELAY_SECONDS', 1),
    limits: { perMinute: limit(env, 'SIM_PER_MINUTE', 60), perDay: limit(env, 'SIM_PER_DAY', 5000) },
    quirks: env.SIM_QUIRKS ? (JSON.parse(env.SIM_QUIRKS) as SimulatorOptions['quirks']) : {},
  };
}

function whole(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name] || String(fallback);
  if (!/^\d+$/.test(text)) throw new RangeError(`${name} must be a whole number, not "${text}".`);
  return Number(text);
}

function limit(env: NodeJS.ProcessEnv, name: string, fallback: number): number | null {
  return env[name] === 'off' ? null : whole(env, name, fallback);
}
