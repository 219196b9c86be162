import type { ReactNode } from 'react';
import ui from './ui.module.css';

/** A named region of the page with its small heading. */
export function Panel({
  name,
  title = name,
  aside,
  className,
  children,
}: {
  /** The region's name for assistive technology. */
  name: string;
  title?: string;
  /** Stands beside the title, in plain letters. */
  aside?: ReactNode;
  className?: string | undefined;
  children: ReactNode;
}) {
  return (
    <section aria-label={name} className={className}>
      <h2 className={ui.heading}>
        {title}
        {aside !== undefined && <span className={ui.aside}> {aside}</span>}
      </h2>
      {children}
    </section>
  );
}
