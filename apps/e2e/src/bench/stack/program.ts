import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { once } from 'node:events';

/** Runs one of the programs beside this folder in a process of its own; answers the JSON it prints at the end. */
export async function runProgram<T>(file: string, settings: object, nodeArgs: string[] = []): Promise<T> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = spawn(process.execPath, [...nodeArgs, path, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${file} ended with ${code}.`);
  return JSON.parse(said) as T;
}

/** The settings a program was given by `runProgram`. */
export const settingsOf = <T>(): T => JSON.parse(process.argv[2] ?? '{}') as T;
