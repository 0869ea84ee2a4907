import { useSyncExternalStore } from 'react';
import { i18n, languages, type Language } from '../texts/catalog.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
}

const stored = 'isthmus.preferences';
const listeners = new Set<() => void>();
const dark = globalThis.matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', () => tell());

let current = read();
apply();

function read(): Preferences {
  let before: Partial<Preferences> = {};
  try {
    before = JSON.parse(localStorage.getItem(stored) ?? '{}') as Partial<Preferences>;
  } catch {
    // Somebody else's text, or storage that may not be used: begin anew.
  }
  const spoken = navigator.languages.map((tag) => tag.slice(0, 2));
  const language =
    languages.find((one) => one === before.language) ??
    languages.find((one) => one === spoken.find((tag) => languages.some((known) => known === tag))) ??
    'en';
  return { language, theme: themes.find((one) => one === before.theme) ?? 'system' };
}

/** Takes effect at once, and on the next visit with this browser. */
export function prefer(some: Partial<Preferences>): void {
  current = { ...current, ...some };
  try {
    localStorage.setItem(stored, JSON.stringify(current));
  } catch {
    // Then until the page is left.
  }
  apply();
  tell();
}

function apply(): void {
  i18n.activate(current.language);
  document.documentElement.lang = current.language;
}

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, () => current);

export const isDarkNow = (): boolean =>
  current.theme === 'dark' || (current.theme === 'system' && dark.matches);

export const useIsDark = (): boolean => useSyncExternalStore(subscribe, isDarkNow);
