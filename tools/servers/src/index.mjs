export { startPostgres } from './postgres.mjs';
export { startNats } from './nats.mjs';
export { fetchNatsServer } from './nats-binary.mjs';
export { freePort } from './free-port.mjs';
export { root } from './root.mjs';
export { endTied, spawnTied } from './spawn-tied.mjs';
