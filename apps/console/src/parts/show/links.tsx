import { forwardRef, type ComponentProps } from 'react';
import { Button, Link } from '@fluentui/react-components';
import { createLink } from '@tanstack/react-router';

/** A link to a page of the console: `<PageLink to="/accounts" search={{ tab: 'unlinked' }}>`. */
export const PageLink = createLink(
  forwardRef<HTMLAnchorElement, ComponentProps<'a'>>(function PageLink({ color: _, ...props }, ref) {
    return <Link {...props} ref={ref as never} inline />;
  }),
);

/** The same, where it looks like a button. */
export const ButtonLink = createLink(
  forwardRef<HTMLAnchorElement, ComponentProps<'a'> & { appearance?: 'primary' | 'secondary' | 'subtle' }>(
    function ButtonLink(props, ref) {
      return <Button {...(props as object)} as="a" ref={ref as never} />;
    },
  ),
);
