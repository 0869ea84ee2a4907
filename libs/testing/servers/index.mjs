// PostgreSQL and NATS as local processes, for specs and for `npm start`. Nothing here needs a build or a package at load time:
// `tools/prepare.mjs` imports it by path before packages are installed.
export { startPostgres } from './postgres.mjs';
export { fetchNatsServer, startNats } from './nats.mjs';
export { claimPort, endTied, freePort, spawnTied } from './processes.mjs';
export { root } from './root.mjs';
