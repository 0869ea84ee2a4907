/** Everything that tools/start/identity.mjs needs, in one file. */
export default {
  ssr: { noExternal: true },
  build: { ssr: 'tools/start/identity.mjs', rolldownOptions: { output: { entryFileNames: '[name].mjs' } } },
};
