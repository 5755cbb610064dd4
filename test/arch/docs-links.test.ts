import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../..');

function* pagesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) yield* pagesBelow(name);
    else if (name.endsWith('.md')) yield name;
  }
}

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'main', 'renderer', 'shared', 'test'].flatMap((folder) => [...pagesBelow(folder)]),
];

const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8').replaceAll(/^```[^]*?^```/gmu, '');

/** The name under which a heading is linked to. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (page: string): string[] => [...textOf(page).matchAll(/^#+ (.+)$/gmu)].map(([, heading]) => anchorOf(heading ?? ''));

function brokenLinks(page: string): string[] {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/gu)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/u.test(link)) return false;
    const [file, anchor] = link.split('#');
    const target = file ? path.posix.join(path.posix.dirname(page), file) : page;
    if (!existsSync(path.join(root, target))) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
}

describe('what the documentation links to', () => {
  it.each(pages)('%s', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it('is the same in both languages of the admin guide', () => {
    const targets = (language: string) =>
      [...textOf(`docs/admin-guide.${language}.md`).matchAll(/\]\((?!#|admin-guide)([^)]+)\)/gu)].map(([, link = '']) =>
        link.replace(`.${language}.md`, '.md'),
      );
    expect(targets('de')).toEqual(targets('en'));
  });
});
