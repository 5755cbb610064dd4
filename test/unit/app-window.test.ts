import { describe, expect, it } from 'vitest';
import { appLanguage } from '../../main/app/app-language.ts';
import { appText } from '../../main/app/app-text.ts';
import { safeSaveName } from '../../main/app/save-name.ts';
import { placeWindow } from '../../main/app/window-place.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const second = { x: 1920, y: 0, width: 1280, height: 1024 };
const place = (x: number, y: number, width = 1000, height = 700) => ({ x, y, width, height, isMaximized: false });

describe('place of the window', () => {
  it('is the usual size in the middle at first', () => {
    expect(placeWindow(null, [screen])).toEqual({ width: 1280, height: 820 });
  });

  it('is the remembered one, on any screen', () => {
    expect(placeWindow(place(100, 50), [screen])).toEqual({ width: 1000, height: 700, x: 100, y: 50 });
    expect(placeWindow(place(2000, 50), [screen, second])).toMatchObject({ x: 2000, y: 50 });
  });

  it.each([place(2000, 50), place(-990, 0), place(0, 1070), place(0, -200), place(-5000, -5000)])(
    'forgets a position whose title bar is on no screen: %j',
    (remembered) => expect(placeWindow(remembered, [screen])).not.toHaveProperty('x'),
  );

  it('fits a window that is larger than the screens, or too small to use', () => {
    expect(placeWindow(place(0, 0, 5000, 5000), [screen])).toMatchObject({ width: 1920, height: 1080 });
    expect(placeWindow(place(0, 0, 100, 100), [screen])).toMatchObject({ width: 640, height: 480 });
  });

  it('works without any screen', () => {
    expect(placeWindow(place(0, 0), [])).toEqual({ width: 640, height: 480 });
  });
});

describe('name proposed for a saved attachment', () => {
  const NAMES: [string, string][] = [
    ['report.pdf', 'report.pdf'],
    ['Änderung 2026.docx', 'Änderung 2026.docx'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['..\\..\\windows\\win.ini', '_.._windows_win.ini'],
    ['/etc/passwd', '_etc_passwd'],
    ['C:\\Windows\\a.exe', 'C__Windows_a.exe'],
    ['a:b.txt', 'a_b.txt'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['LPT1.tar.gz', '_LPT1.tar.gz'],
    ['nul .txt', '_nul .txt'],
    ['.bashrc', 'bashrc'],
    ['...', 'attachment'],
    ['', 'attachment'],
    ['   ', 'attachment'],
    ['\u0000', 'attachment'],
    ['a\u0000b.txt', 'a_b.txt'],
    ['line\r\nbreak.txt', 'line__break.txt'],
    ['trailing.txt. . ', 'trailing.txt'],
    ['invoice\u202Efdp.exe', 'invoice_fdp.exe'],
    ['zero\u200bwidth.txt', 'zero_width.txt'],
    ['a<b>|c?*.txt', 'a_b__c__.txt'],
    ['e\u0301.txt', 'é.txt'],
  ];

  it.each(NAMES)('%j becomes %j', (given, safe) => expect(safeSaveName(given)).toBe(safe));

  it('is never longer than a file system takes, keeps the ending, and cuts no letter in two', () => {
    const name = safeSaveName(`${'ä'.repeat(300)}.pdf`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    expect(name).toMatch(/^ä+\.pdf$/);
    expect(Buffer.byteLength(safeSaveName(`a.${'x'.repeat(300)}`))).toBeLessThanOrEqual(200);
  });
});

describe('words of the app process', () => {
  it('are German for German systems and English for all others, unless chosen', () => {
    expect(appLanguage('system', 'de-AT')).toBe('de');
    expect(appLanguage('system', 'de_DE')).toBe('de');
    expect(appLanguage('system', 'fr')).toBe('en');
    expect(appLanguage('en', 'de')).toBe('en');
    expect(appLanguage('de', 'en')).toBe('de');
  });

  it('are complete in both languages', () => {
    for (const words of [appText.de, appText.en]) {
      for (const [name, word] of Object.entries(words)) expect(word, name).not.toBe('');
    }
    expect(Object.keys(appText.de)).toEqual(Object.keys(appText.en));
  });
});
