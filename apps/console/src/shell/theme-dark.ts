import { webDarkTheme as fluentDark, type Theme } from '@fluentui/react-components';

/** Fluent's, with links that can be read on the rows of a list under the pointer, too: WCAG asks for a contrast of 4.5. */
export const webDarkTheme: Theme = {
  ...fluentDark,
  colorBrandForegroundLink: '#77b7f7',
  colorBrandForegroundLinkHover: '#96c6fa',
};
