// PostgreSQL and NATS as local processes, for specs and for `npm start`. Nothing here needs a build or a package at load time:
// `tools/prepare.mjs` imports it by path before packages are installed.
export { fetchNatsServer, startNats } from './nats.mjs';
export { natsConfig, natsProgram, operator, programKeyFile } from './nats-users.mjs';
export { startPostgres } from './postgres.mjs';
export { claimPort, freePort, root, spawnTied } from './processes.mjs';
