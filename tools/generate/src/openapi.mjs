/** The services' HTTP APIs; each service prints its own. */
export async function openApi() {
  return {};
}
