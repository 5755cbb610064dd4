/** Serves the demo's panel on loopback, under a path that nobody can guess. */
export declare function startPanel(world: {
  actions: Readonly<Record<string, () => void | Promise<void>>>;
  state: () => unknown;
}): Promise<{ url: string; close: () => Promise<void> }>;
