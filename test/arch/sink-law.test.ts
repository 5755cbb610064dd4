import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
// @ts-expect-error -- the rule is plain JavaScript, as ESLint loads it
import { sinkLaw } from '../../eslint-rules/sink-law.js';

const linter = new Linter();
const breaches = (file: string, code: string): number => {
  const config = {
    files: ['**/*.ts', '**/*.svelte'],
    plugins: { holdover: { rules: { 'sink-law': sinkLaw } } },
    rules: { 'holdover/sink-law': 2 },
  } as const;
  return linter.verify(code, [config as unknown as Linter.Config], { filename: file }).filter(({ ruleId }) => ruleId !== null).length;
};

describe('sink law', () => {
  it.each([
    ['renderer/mail/sanitize.ts', 'trustCleaned(`<p>${body}</p>`)'],
    ['renderer/mail/sanitize.ts', 'trustCleaned(a.innerHTML + b)'],
    ['renderer/mail/sanitize.ts', 'trustCleaned(a.innerHTML.replaceAll("x", "y"))'],
    ['renderer/mail/sanitize.ts', 'trustCleaned(html)'],
    ['renderer/mail/layout.ts', 'frame.srcdoc = html'],
    ['renderer/mail/layout.ts', 'frame["srcdoc"] = html'],
    ['renderer/ui/Reader.svelte.ts', 'place.innerHTML = html'],
    ['renderer/ui/Reader.svelte.ts', 'place.outerHTML += html'],
    ['renderer/mail/layout.ts', 'place.insertAdjacentHTML("beforeend", html)'],
    ['renderer/mail/layout.ts', 'new DOMParser().parseFromString(html, "text/html")'],
    ['renderer/mail/layout.ts', 'document.write(html)'],
    ['renderer/mail/layout.ts', 'policy.createHTML(html)'],
    ['renderer/mail/layout.ts', 'purify.sanitize(html)'],
  ])('%s may not: %s', (file, code) => expect(breaches(file, code)).toBe(1));

  it.each([
    ['renderer/mail/frame-document.ts', 'trustCleaned(read.documentElement.outerHTML)'],
    ['renderer/mail/MessageFrame.svelte', 'frame.srcdoc = html'],
    ['renderer/mail/purifier.ts', 'new DOMParser().parseFromString(html, "text/html")'],
    ['renderer/mail/sanitize.ts', 'purify.sanitize(part)'],
    ['renderer/mail/layout.ts', 'const html = place.innerHTML'],
  ])('%s may: %s', (file, code) => expect(breaches(file, code)).toBe(0));
});
