export function tableOf(documents: Record<string, { paths: object }>): {
  routes: Record<string, string>;
  merged: Record<string, string[]>;
};
