import { StrictMode, useMemo, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import {
  createDOMRenderer,
  FluentProvider,
  RendererProvider,
  webDarkTheme,
  webLightTheme,
} from '@fluentui/react-components';
import { I18nProvider } from '@lingui/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { queryClient } from './data/queries.ts';
import { readMe, signIn, type Me } from './data/me.ts';
import { SessionProvider } from './data/session.tsx';
import { ToastProvider } from './parts/feedback/toasts.tsx';
import { router } from './routes.ts';
import { useIsDark } from './shell/preferences.ts';
import { SignInFailed } from './shell/not-found.tsx';
import { i18n } from './texts/texts.ts';

// The content policy lets only styles in that carry the nonce of this page.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
const renderer = createDOMRenderer(document, nonce ? { styleElementAttributes: { nonce } } : {});

function Frame({ children }: { children: ReactNode }): ReactNode {
  const isDark = useIsDark();
  const theme = useMemo(() => (isDark ? webDarkTheme : webLightTheme), [isDark]);
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={theme} className="frame">
        <I18nProvider i18n={i18n}>{children}</I18nProvider>
      </FluentProvider>
    </RendererProvider>
  );
}

function Console({ me }: { me: Me }): ReactNode {
  return (
    <Frame>
      <SessionProvider me={me}>
        <QueryClientProvider client={queryClient}>
          <ToastProvider>
            <RouterProvider router={router} />
          </ToastProvider>
        </QueryClientProvider>
      </SessionProvider>
    </Frame>
  );
}

async function start(): Promise<void> {
  const page = createRoot(document.getElementById('root')!);
  const refused = new URLSearchParams(location.search).get('signInError');
  try {
    const me = refused ? undefined : await readMe();
    if (me)
      page.render(
        <StrictMode>
          <Console me={me} />
        </StrictMode>,
      );
    else if (refused)
      page.render(
        <Frame>
          <SignInFailed code={refused} />
        </Frame>,
      );
    else signIn();
  } catch {
    page.render(
      <Frame>
        <SignInFailed code="unavailable" />
      </Frame>,
    );
  }
}

void start();
