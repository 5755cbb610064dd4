import type { RunningApp } from './start-app.ts';

/** What the save dialog was asked so far: the proposed paths. */
export async function proposedPaths(app: RunningApp): Promise<string[]> {
  return app.electron.evaluate(() => (globalThis as unknown as { asked?: string[] }).asked ?? []);
}

/** Makes the save dialog answer at once: with this place, or with null as when the person cancels. */
export async function answerSaveDialog(app: RunningApp, filePath: string | null): Promise<void> {
  await app.electron.evaluate(({ dialog }, chosen) => {
    const asked: (string | undefined)[] = [];
    Object.assign(globalThis, { asked });
    const answer = (options: { defaultPath?: string }) => {
      asked.push(options.defaultPath);
      return Promise.resolve({ canceled: chosen === null, filePath: chosen ?? '' });
    };
    dialog.showSaveDialog = ((first: unknown, second?: unknown) =>
      answer((second ?? first) as { defaultPath?: string })) as typeof dialog.showSaveDialog;
  }, filePath);
}
