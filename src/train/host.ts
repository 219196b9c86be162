/** How training lets others have their turn: awaited between pieces of work. */
export interface Host {
  pause(): Promise<void>;
  progress(what: string, share: number): void;
}

/** Says how far a piece of work is, and lets others have their turn. */
export const turnOf =
  (host: Host, what: string) =>
  async (share: number): Promise<void> => {
    host.progress(what, share);
    await host.pause();
  };
