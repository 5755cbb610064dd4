import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { safeSaveName } from '../../main/app/save-name.ts';
import { openMessage } from '../../main/engine/read/read-message.ts';
import { saveAttachment } from '../../main/engine/save-attachment.ts';
import { DraftRig } from '../support/draft-rig.ts';
import { reportFigure } from '../support/figures.ts';

/** Names with which a mail would write elsewhere, hide, or be a device. */
const NAMES = [
  '../up.txt',
  '../../up.txt',
  '..\\up.txt',
  '..\\..\\..\\windows\\up.txt',
  '/etc/passwd',
  '//host/share/x',
  '\\\\host\\share\\x',
  '\\\\?\\C:\\x',
  '\\\\.\\pipe\\x',
  'C:\\x.txt',
  'C:x.txt',
  'C:/x.txt',
  'file:///etc/passwd',
  '~/.bashrc',
  '~root/x',
  '$HOME/x',
  '%APPDATA%\\x.lnk',
  '`id`.txt',
  '$(id).txt',
  'a;rm -rf x',
  'a|b',
  'a\0b.txt',
  'a\n.txt',
  'a\r\nb.txt',
  '\t.txt',
  '.',
  '..',
  '...',
  '....//....//x',
  '.bashrc',
  '-rf',
  'CON',
  'con.txt',
  'NUL.tar.gz',
  'AUX',
  'COM1.log',
  'LPT9',
  'x.txt:stream',
  'x.exe::$DATA',
  'name. ',
  ' ',
  '',
  'a\u202Etxt.exe',
  'a\u2215b\u2044c',
  `${'x'.repeat(300)}.txt`,
  `${'ä'.repeat(300)}.pdf`,
  'sub/dir/x.txt',
  'link',
];

let rig: DraftRig;
let outer: string;
let folder: string;
beforeEach(async () => {
  rig = await DraftRig.open();
  outer = mkdtempSync(path.join(tmpdir(), 'holdover-save-'));
  folder = path.join(outer, 'deep', 'chosen');
  mkdirSync(folder, { recursive: true });
});
afterEach(async () => {
  await rig.close();
  rmSync(outer, { recursive: true, force: true });
});

const part = (name: string, n: number): string =>
  `--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}\n\ncontent ${n}\n`;
const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? [] : [path.join(one.parentPath, one.name)],
  );

/** Mirrors one mail with these files, and gives its attachments. */
async function mailWith(names: readonly string[]) {
  const head =
    'From: a@x.test\nTo: alice@example.com\nSubject: s\nMessage-ID: <1@t>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n';
  rig.receive(`${head}--b\n\ntext\n${names.map(part).join('')}--b--\n`);
  await rig.rig.mirror();
  const id = rig.entry('INBOX');
  const { attachments } = await openMessage(rig.store, rig.rig.engine.deps.ingest, id);
  return { id, attachments };
}

it('no name of an attachment leads out of the chosen folder, nor over a file that is there', async () => {
  const { id, attachments } = await mailWith(NAMES);
  expect(attachments).toHaveLength(NAMES.length);
  // What a link in the folder leads to belongs to somebody.
  const foreign = path.join(outer, 'foreign');
  writeFileSync(foreign, 'foreign');
  symlinkSync(foreign, path.join(folder, 'link'));
  let refused = 0;
  let overwritten = 0;
  for (const { index, fileName } of attachments) {
    // As the dialog proposes it, where the person changes nothing and is not asked whether to overwrite.
    const targetPath = path.join(folder, safeSaveName(fileName));
    const isThere = readdirSync(folder).includes(path.basename(targetPath));
    const before = isThere && existsSync(targetPath) ? readFileSync(targetPath) : null;
    const saved = await saveAttachment(rig.rig.engine, { entryId: id, within: [], index, targetPath, mayOverwrite: false }).catch(
      () => 'refused',
    );
    expect(saved, fileName).toBe(isThere ? 'refused' : null);
    if (!isThere) expect(statSync(targetPath).mode & 0o777).toBe(0o600);
    else if (before && !readFileSync(targetPath).equals(before)) overwritten += 1;
    refused += isThere ? 1 : 0;
  }
  const outside = filesBelow(outer).filter((file) => path.dirname(file) !== folder && file !== foreign);
  reportFigure('H10 names of attachments', { names: NAMES.length, outside: outside.length, overwritten, refused });
  expect(outside).toEqual([]);
  expect(overwritten).toBe(0);
  expect(readFileSync(foreign, 'utf8')).toBe('foreign');
  expect(refused).toBeGreaterThan(0);
});

it('replaces a file only where the person said so, whole: neither its mode nor what a link leads to survives in it', async () => {
  const { id } = await mailWith(['a.bin']);
  const foreign = path.join(outer, 'foreign');
  writeFileSync(foreign, 'foreign');
  const targetPath = path.join(folder, 'a.bin');
  symlinkSync(foreign, targetPath);
  const marked: string[] = [];
  const marking = { platform: 'win32', writeFile: (file: string) => Promise.resolve(void marked.push(file)), run: () => Promise.resolve() };
  await saveAttachment(rig.rig.engine, { entryId: id, within: [], index: 0, targetPath, mayOverwrite: true }, marking);
  expect(readFileSync(foreign, 'utf8')).toBe('foreign');
  expect(readFileSync(targetPath, 'utf8').trim()).toBe('content 0');
  expect(statSync(targetPath).mode & 0o111).toBe(0);
  expect(marked).toEqual([`${targetPath}:Zone.Identifier`]);
});
