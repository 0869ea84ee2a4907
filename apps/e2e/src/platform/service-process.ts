import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compareWithDocument, eventually, spawnTied } from '@isthmus/testing';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** One service of the built platform as a separate process. */
export class ServiceProcess {
  readonly url: string;
  #child: ChildProcess | undefined;
  #log = '';

  constructor(
    readonly name: string,
    /** Built entry, such as `apps/account-sync/dist/main.js`. */
    private readonly entry: string,
    readonly settings: Readonly<Record<string, string>>,
    /** Where it is ready, if that is not said by its own PORT. */
    port = settings.PORT,
    private readonly args: readonly string[] = [],
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  /** As in the table of the system: `account-sync`, `account-sync-worker`. */
  get program(): string {
    return this.entry.endsWith('/main.js') ? this.service : `${this.service}-worker`;
  }

  /** Whose API it serves. */
  get service(): string {
    return this.entry.split('/')[1]!;
  }

  /** Everything that the process has written, across restarts. */
  get log(): string {
    return this.#log;
  }

  /** Of the last end; undefined while it runs. */
  get exitCode(): number | undefined {
    return this.#child?.exitCode ?? undefined;
  }

  get pid(): number {
    if (!this.#child?.pid) throw new Error(`${this.name} is not running.`);
    return this.#child.pid;
  }

  async migrate(): Promise<void> {
    const child = this.#spawn(['migrate']);
    const [code] = (await once(child, 'exit')) as [number];
    if (code !== 0) throw new Error(`${this.name} migrate ended with ${code}:\n${this.#log.slice(-3000)}`);
  }

  async start(): Promise<void> {
    const child = this.#spawn(this.args);
    this.#child = child;
    compareWithDocument(this.url, this.service);
    const ended = () => child.exitCode ?? child.signalCode;
    await eventually(async () => ended() !== null || (await fetch(`${this.url}/healthz/ready`)).ok, {
      everyMs: 50,
    });
    if (ended() !== null)
      throw new Error(`${this.name} ended with ${ended()} before it was ready:\n${this.#log.slice(-3000)}`);
  }

  /** Sends the signal and, unless it only pauses, waits for the end. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended;
  }

  stop(): Promise<void> {
    return this.signal('SIGTERM');
  }

  #spawn(args: readonly string[]): ChildProcess {
    // As in tools/start/system.mjs.
    const flags = ['--max-semi-space-size=4'];
    const child = spawnTied(process.execPath, [...flags, `${root}/${this.entry}`, ...args], {
      // Every process of a service compiles the same code: the first keeps it for the others.
      env: {
        PATH: process.env.PATH ?? '',
        MALLOC_ARENA_MAX: '1',
        NODE_COMPILE_CACHE: `${root}/.local/compiled`,
        ...this.settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => (this.#log += String(chunk)));
    return child;
  }
}
