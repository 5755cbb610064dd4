import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Draft } from '../../shared/model/compose.ts';

const REFUSED = { ok: false, error: { code: 'message-too-large', scope: 'message', retry: 'ask', detail: 'files' } };
const DRAFT = {
  id: 1,
  version: 1,
  savedAt: null,
  hasConflict: false,
  notFiled: null,
  original: null,
  files: [],
  content: { accountId: 1, to: [], cc: [], bcc: [], subject: '', format: 'plain', html: '', text: '' },
} as unknown as Draft;

interface Opened {
  readonly files: readonly { readonly fileName: string }[];
  addFile(file: Blob, name: string, isInline: boolean): Promise<unknown>;
  addFiles(files: readonly File[]): Promise<boolean>;
  addedAll(): Promise<boolean>;
}
/** By a path that the compiler does not follow: the window's own types are not those of the tests. */
const OPEN_DRAFT = path.join(import.meta.dirname, '../../renderer/compose/open-draft.svelte.ts');

/** Each file that is handed over waits here for its answer. */
let waiting: { name: string; answer(value: unknown): void }[];
async function opened(): Promise<Opened> {
  const { OpenDraft } = (await import(OPEN_DRAFT)) as { OpenDraft: new (draft: Draft) => Opened };
  return new OpenDraft(DRAFT);
}
const file = (name: string) => new File(['x'], name);
let lastId = 0;
const isIn = (fileName: string) => ({
  ok: true,
  value: { id: (lastId += 1), fileName, mimeType: 'text/plain', sizeBytes: 1, isInline: false, contentId: '' },
});

beforeEach(() => {
  waiting = [];
  const addFile = ({ name }: { name: string }) => new Promise((answer) => waiting.push({ name, answer }));
  vi.stubGlobal('window', { continuity: { calls: { 'drafts.addFile': addFile }, on: () => () => undefined } });
});
afterEach(() => vi.unstubAllGlobals());

describe('a mail that is sent while its files are on their way in', () => {
  it('waits for each of them, also for those whose turn has not come', async () => {
    const draft = await opened();
    void draft.addFiles([file('a'), file('b')]);
    let said: boolean | null = null;
    const all = draft.addedAll().then((isWhole) => (said = isWhole));
    await vi.waitFor(() => expect(waiting.map(({ name }) => name)).toEqual(['a']));
    waiting[0]!.answer(isIn('a'));
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    expect(said).toBeNull();
    waiting[1]!.answer(isIn('b'));
    expect(await all).toBe(true);
    expect(draft.files.map(({ fileName }) => fileName)).toEqual(['a', 'b']);
  });

  it('waits for one that was added while it waited', async () => {
    const draft = await opened();
    void draft.addFile(file('a'), 'a', true);
    const all = draft.addedAll();
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    void draft.addFile(file('b'), 'b', false);
    waiting[0]!.answer(isIn('a'));
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    waiting[1]!.answer(isIn('b'));
    expect(await all).toBe(true);
    expect(draft.files).toHaveLength(2);
  });

  it.each([
    ['first', 0],
    ['last', 1],
  ])('is not whole when the %s one is refused', async (_which, refused) => {
    const draft = await opened();
    void draft.addFiles([file('a'), file('b')]);
    const all = draft.addedAll();
    for (const n of [0, 1]) {
      await vi.waitFor(() => expect(waiting).toHaveLength(n + 1));
      waiting[n]!.answer(n === refused ? REFUSED : isIn(String(n)));
    }
    expect(await all).toBe(false);
    expect(draft.files).toHaveLength(1);
  });

  it('waits for nothing where none is on its way', async () => {
    expect(await (await opened()).addedAll()).toBe(true);
  });
});
