import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compile } from 'svelte/compiler';
import { rootDir } from './paths.mjs';

export const themes = ['light', 'dark'];

/**
 * Of these no look can tell that they were on the page: they have no style, and consist of what others draw; or their style speaks of something
 * that is there in passing alone. Each with the test whose look meets it.
 */
export const WITHOUT_MARK = {
  'renderer/App.svelte': 'a word while the app starts, gone before anybody can look; the views that it holds have marks of their own',
  'renderer/ui/AlertNotices.svelte': 'test/e2e/app-alerts.test.ts',
  'renderer/ui/ComposeKeys.svelte': 'draws nothing: keys alone',
  'renderer/ui/Icon.svelte': 'everywhere',
  'renderer/ui/LeaseNotice.svelte': 'test/e2e/app-lease.test.ts',
  'renderer/ui/LossList.svelte': 'test/e2e/app-compose.test.ts',
  'renderer/ui/ModeBanner.svelte': 'test/e2e/on-accounts/actions.ts; its style speaks of the progress of a run, which is over soon',
  'renderer/ui/RemoteImages.svelte': 'test/e2e/app-warnings.test.ts',
  'renderer/ui/ReportNotices.svelte': 'test/e2e/on-accounts/actions.ts',
  'renderer/ui/RiskDialog.svelte': 'test/e2e/app-warnings.test.ts',
  'renderer/ui/SignInAgain.svelte': 'test/e2e/app-sign-in.test.ts',
  'renderer/ui/UpdateLine.svelte': 'test/e2e/app-desktop.test.ts',
  'renderer/ui/reading/ReadingParts.svelte': 'test/e2e/on-mailbox/content.ts',
};

/** The name by which the compiler marks the elements of a component that its style speaks of. */
function markMaker() {
  let mark;
  compile('<p></p><style>p { margin: 0 }</style>', { cssHash: ({ hash }) => ((mark = hash), 'x') });
  return (file) => `svelte-${mark(file)}`;
}

/** Components of the window, each with its mark; null where it has no style. */
export function components() {
  const markOf = markMaker();
  const files = readdirSync(path.join(rootDir, 'renderer'), { recursive: true })
    .filter((file) => file.endsWith('.svelte'))
    .map((file) => ['renderer', ...file.split(path.sep)].join('/'));
  return files.sort().map((file) => ({
    file,
    mark: /<style[\s>]/u.test(readFileSync(path.join(rootDir, file), 'utf8')) ? markOf(file) : null,
  }));
}

/** What of the window no look has met in a theme, and what of WITHOUT_MARK is wrong: one line each. Pure. */
export function unlooked(all, looks) {
  const met = new Set(looks.flatMap(({ theme, marks }) => marks.map((mark) => `${mark} ${theme}`)));
  const files = new Set(all.map(({ file }) => file));
  const untold = all.flatMap(({ file, mark }) => {
    if (file in WITHOUT_MARK) return [];
    if (mark === null) return [`${file} has no style: name in scripts/lib/axe-looks.mjs the test that looks at it`];
    return themes.filter((theme) => !met.has(`${mark} ${theme}`)).map((theme) => `${file} ${theme}`);
  });
  const gone = Object.keys(WITHOUT_MARK).filter((file) => !files.has(file));
  return [...untold, ...gone.map((file) => `${file} is there no more`)];
}

/** The same from the looks that the app's tests wrote down in the folder of the run. */
export function lookReport(runDir) {
  const file = path.join(runDir, 'axe.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  const all = components();
  const missing = unlooked(all, lines.map((line) => JSON.parse(line))); // prettier-ignore
  const line = `axe: ${lines.length} looks, ${all.length} components of the window, ${missing.length} not looked at in both themes`;
  return { line, missing };
}
