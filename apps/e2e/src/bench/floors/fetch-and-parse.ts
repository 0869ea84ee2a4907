import { Agent } from 'undici';
import { settingsOf } from '../stack/program.ts';
import { readPages } from './read-pages.ts';

/** The least a sync without changes can be: every page fetched and parsed, and nothing done with it. */
const { apiUrl } = settingsOf<{ apiUrl: string }>();
const agent = new Agent();
const begun = performance.now();
let rows = 0;
for await (const page of readPages(apiUrl, agent)) rows += page.length;
const ms = performance.now() - begun;
await agent.close();
process.stdout.write(JSON.stringify({ ms, rows }));
