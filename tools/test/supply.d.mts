interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  link?: boolean;
  hasInstallScript?: boolean;
}
export function lockProblems(
  lock: { packages: Record<string, Locked> },
  manifest: {
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
    allowScripts?: Record<string, boolean>;
  },
): string[];
