import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

interface Component {
  readonly file: string;
  readonly mark: string | null;
}
interface Look {
  readonly theme: string;
  readonly marks: readonly string[];
}
interface AxeLooks {
  readonly WITHOUT_MARK: Readonly<Record<string, string>>;
  components(): Component[];
  unlooked(all: readonly Component[], looks: readonly Look[]): string[];
}

const module = path.join(import.meta.dirname, '../../scripts/lib/axe-looks.mjs');
const { WITHOUT_MARK, components, unlooked } = (await import(module)) as AxeLooks;
const all = components();
const marked = all.filter(({ file, mark }) => mark !== null && !(file in WITHOUT_MARK));
const marks = marked.map(({ mark }) => mark!);
const whole: Look[] = ['light', 'dark'].map((theme) => ({ theme, marks }));

describe('what axe has looked at', () => {
  it('knows each component of the window by a mark of its own, or by the test that looks at it', () => {
    expect(all.length).toBeGreaterThan(80);
    expect(new Set(marks).size).toBe(marks.length);
    expect(unlooked(all, whole)).toEqual([]);
  });

  it('tells of those without a mark a test that does look', () => {
    const told = Object.values(WITHOUT_MARK).flatMap((text) => text.match(/^test\/[^;]+/u) ?? []);
    expect(told.length).toBeGreaterThan(5);
    for (const file of told)
      expect(readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8'), file).toMatch(
        /(?:accessibilityFaults|faultsInBothThemes)\(/u,
      );
  });

  it('names what was met in one theme alone, and what in none', () => {
    const [first, second] = marked as [Component, Component];
    const looks = [
      { theme: 'light', marks: marks.filter((mark) => mark !== first.mark) },
      { theme: 'dark', marks: marks.filter((mark) => mark !== first.mark && mark !== second.mark) },
    ];
    expect(unlooked(all, looks)).toEqual([`${first.file} light`, `${first.file} dark`, `${second.file} dark`]);
  });

  it('names a new component without a style, and one that is told of and gone', () => {
    const fresh = { file: 'renderer/ui/Fresh.svelte', mark: null };
    const [told] = Object.keys(WITHOUT_MARK);
    expect(unlooked([...all.filter(({ file }) => file !== told), fresh], whole)).toEqual([
      expect.stringContaining(fresh.file),
      `${told} is there no more`,
    ]);
  });
});
