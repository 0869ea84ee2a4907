import { StrictMode, useEffect, useState, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { createDOMRenderer, FluentProvider, RendererProvider, type Theme } from '@fluentui/react-components';
import { I18nProvider } from '@lingui/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { queryClient } from './data/query-client.ts';
import { readMe, signIn, type Me } from './data/me.ts';
import { SessionProvider } from './data/session.tsx';
import { router } from './pages/index.ts';
import { isDarkNow, useIsDark } from './shell/preferences.ts';
import { SignInFailed } from './shell/not-found.tsx';
import { i18n } from './texts/catalog.ts';
import './main.css';

// The content policy lets only styles in that carry the nonce of this page.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
const renderer = createDOMRenderer(document, nonce ? { styleElementAttributes: { nonce } } : {});

/** Only the theme that is used is loaded. */
const loadTheme = async (isDark: boolean): Promise<Theme> =>
  isDark
    ? (await import('./shell/theme-dark.ts')).webDarkTheme
    : (await import('./shell/theme-light.ts')).webLightTheme;

function Frame({ first, children }: { first: Theme; children: ReactNode }): ReactNode {
  const isDark = useIsDark();
  const [theme, setTheme] = useState(first);
  useEffect(() => {
    let isCurrent = true;
    void loadTheme(isDark).then(
      (loaded) => isCurrent && setTheme(loaded),
      // When it does not arrive, as when the page is left meanwhile, the one that is shown stays.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [isDark]);
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={theme}>
        <I18nProvider i18n={i18n}>{children}</I18nProvider>
      </FluentProvider>
    </RendererProvider>
  );
}

function Console({ me, theme }: { me: Me; theme: Theme }): ReactNode {
  return (
    <Frame first={theme}>
      <SessionProvider me={me}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </SessionProvider>
    </Frame>
  );
}

async function start(): Promise<void> {
  const page = createRoot(document.getElementById('root')!);
  const theme = loadTheme(isDarkNow());
  const refused = new URLSearchParams(location.search).get('signInError');
  try {
    const me = refused ? undefined : await readMe();
    if (me)
      page.render(
        <StrictMode>
          <Console me={me} theme={await theme} />
        </StrictMode>,
      );
    else if (refused)
      page.render(
        <Frame first={await theme}>
          <SignInFailed code={refused} />
        </Frame>,
      );
    else signIn();
  } catch {
    page.render(
      <Frame first={await theme}>
        <SignInFailed code="unavailable" />
      </Frame>,
    );
  }
}

void start();
