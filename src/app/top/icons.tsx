import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      width="12"
      height="12"
      viewBox="0 0 12 12"
      fill="currentColor"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const PlayIcon = () => (
  <Icon>
    <path d="M2.5 1v10l8-5z" />
  </Icon>
);

export const PauseIcon = () => (
  <Icon>
    <path d="M2 1h3v10H2zM7 1h3v10H7z" />
  </Icon>
);

export const StepIcon = () => (
  <Icon>
    <path d="M1.5 1v10l6-5zM8.5 1h2v10h-2z" />
  </Icon>
);

export const StopIcon = () => (
  <Icon>
    <path d="M2 2h8v8H2z" />
  </Icon>
);

export const ResetIcon = () => (
  <Icon>
    <path d="M6 1.5a4.5 4.5 0 1 1-4.3 5.8l1.5-.4A3 3 0 1 0 6 3v2L2.6 2.3 6 0z" />
  </Icon>
);

export const EnoughIcon = () => (
  <Icon>
    <path d="M1 6.5 2.5 5l2.3 2.3L9.6 2 11 3.4 4.9 10.2z" />
  </Icon>
);
