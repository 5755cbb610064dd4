import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { markFromInternet } from '../../main/engine/mark-from-internet.ts';
import { dangerOfZip } from '../../main/engine/trust/archive-dangers.ts';
import { listZip, MAX_ZIP_ENTRIES } from '../../main/engine/trust/zip-list.ts';
import { attachmentKind } from '../../renderer/mail/attachment-kind.ts';
import { dangerOfAttachment, dangerOfName, dangerousEndings } from '../../shared/trust/danger-names.ts';
import { seededRandom } from '../support/random.ts';
import { buildZip } from '../support/zip-builder.ts';

/** What the two most used mail services say they refuse (their help pages), and what else a system acts on. */
const REFUSED_ELSEWHERE =
  'ade adp app asp bas bat cer chm cmd cnt com cpl crt csh der diagcab exe fxp gadget grp hlp hpj hta htc inf ins isp its jar jnlp js jse ksh ' +
  'lnk mad maf mag mam maq mar mas mat mau mav maw mcf mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml msh2xml msi msp mst msu ops ' +
  'osd pcd pif pl plg prf prg printerexport ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 pst py pyc pyo pyw pyz pyzw reg scf scr sct shb shs ' +
  'theme tmp url vb vbe vbp vbs vhd vhdx vsmacros vsw webpnp website ws wsc wsf wsh xbap xll xnk apk appx appxbundle cab diagcfg diagpack dll ' +
  'dmg ex ex_ img iso lib mjs msix msixbundle nsh sys vxd desktop html htm xhtml svg mht one library-ms search-ms settingcontent-ms appref-ms ' +
  'rdp inetloc fileloc webloc terminal command mobileconfig pkg docm dotm xlsm xltm xlam pptm potm ppsm ppam sldm xlsb xlm';

describe('dangerous names', () => {
  it('hold everything that others refuse', () => {
    expect(REFUSED_ELSEWHERE.split(' ').filter((ending) => !dangerousEndings.has(ending))).toEqual([]);
    expect(dangerousEndings.size).toBeGreaterThan(270);
  });

  it.each([
    ['a.exe', 'runs', 'exe'],
    ['A.EXE', 'runs', 'exe'],
    ['a.exe.', 'runs', 'exe'],
    ['a.exe . ', 'runs', 'exe'],
    ['a.exe\u00a0', 'runs', 'exe'],
    ['a.exe:b.txt', 'runs', 'exe'],
    ['rechnung.pdf.exe', 'double-ending', 'exe'],
    ['rechnung.pdf                              .exe', 'double-ending', 'exe'],
    ['rechnung.docx.lnk', 'double-ending', 'lnk'],
    ['a.docm', 'macros', 'docm'],
    ['a.html', 'web-page', 'html'],
    ['a.svg', 'web-page', 'svg'],
    ['a.iso', 'disk-image', 'iso'],
    ['a.url', 'shortcut', 'url'],
    ['a.reg', 'settings', 'reg'],
  ])('%s: %s', (name, code, named) => expect(dangerOfName(name)).toEqual({ code, named }));

  it.each(['a.pdf', 'a.docx', 'a.xlsx', 'a.jpg', 'exe', 'a', '', '.', 'a.txt', 'a.zip', 'a.exe.txt', 'my.com.pdf'])('%s is none', (name) =>
    expect(dangerOfName(name)).toBeNull(),
  );

  it('take the declared type into account', () => {
    expect(dangerOfAttachment({ fileName: 'a.pdf', mimeType: 'application/x-msdownload' })).toEqual({ code: 'other-type', named: 'pdf' });
    expect(dangerOfAttachment({ fileName: 'a.jpg', mimeType: 'Text/HTML' })).toEqual({ code: 'other-type', named: 'jpg' });
    expect(dangerOfAttachment({ fileName: 'a', mimeType: 'application/vnd.ms-word.document.macroEnabled.12' })).toMatchObject({
      code: 'other-type',
    });
    expect(dangerOfAttachment({ fileName: 'a.pdf', mimeType: 'application/octet-stream' })).toBeNull();
  });

  it('are never shown inside the app', () => {
    for (const ending of dangerousEndings) {
      for (const mimeType of ['image/png', 'text/plain', 'application/pdf']) {
        for (const fileName of [`a.${ending}`, `a.png.${ending}`, `a.${ending}.`, `a.${ending} `, `a.${ending}:x.png`]) {
          expect(attachmentKind({ fileName, mimeType }), fileName).toBe('other');
        }
      }
    }
    for (const mimeType of ['text/html', 'image/svg+xml', 'application/javascript'])
      expect(attachmentKind({ fileName: 'a.txt', mimeType })).toBe('other');
  });
});

describe('archives', () => {
  it.each([
    ['harmless', [{ name: 'a.pdf' }, { name: 'folder/b.txt' }], null],
    ['a program', [{ name: 'a.pdf' }, { name: 'deep/down/b.exe' }], { code: 'holds-risky', named: 'b.exe' }],
    ['a program behind a backslash', [{ name: 'x\\b.js' }], { code: 'holds-risky', named: 'b.js' }],
    ['a double ending', [{ name: 'b.pdf.scr' }], { code: 'holds-risky', named: 'b.pdf.scr' }],
    ['locked', [{ name: 'a.pdf', isEncrypted: true }], { code: 'locked-archive', named: '' }],
    ['locked with a program', [{ name: 'a.exe', isEncrypted: true }], { code: 'holds-risky', named: 'a.exe' }],
    ['another archive', [{ name: 'a.7z' }], { code: 'unclear-archive', named: '' }],
    ['two names for one file', [{ name: 'a.pdf', localName: 'a.exe' }], { code: 'unclear-archive', named: '' }],
    [
      'an archive in it with a program',
      [{ name: 'i.zip', content: buildZip([{ name: 'x.vbs' }]), isDeflated: true }],
      { code: 'holds-risky', named: 'x.vbs' },
    ],
    ['an archive in it, stored', [{ name: 'i.zip', content: buildZip([{ name: 'x.vbs' }]) }], { code: 'holds-risky', named: 'x.vbs' }],
    ['a harmless archive in it', [{ name: 'i.zip', content: buildZip([{ name: 'x.pdf' }]), isDeflated: true }], null],
    [
      'an archive in an archive in it',
      [{ name: 'i.zip', content: buildZip([{ name: 'j.zip', content: buildZip([{ name: 'x.exe' }]) }]) }],
      { code: 'unclear-archive', named: '' },
    ],
    ['something else by the name of an archive', [{ name: 'i.zip', content: Buffer.from('no') }], { code: 'unclear-archive', named: '' }],
    ['a bomb', [{ name: 'i.zip', content: Buffer.alloc(32 * 1024 * 1024), isDeflated: true }], { code: 'unclear-archive', named: '' }],
  ])('%s', async (_what, files, danger) => expect(await dangerOfZip(buildZip(files))).toEqual(danger));

  it('are unclear where two programs could read them in two ways', () => {
    const one = buildZip([{ name: 'a.pdf' }]);
    expect(listZip(Buffer.concat([one, Buffer.from('tail')]))).toBeNull();
    expect(listZip(Buffer.concat([buildZip([{ name: 'a.exe' }]), one]))).toBeNull();
    expect(listZip(buildZip([{ name: 'a.pdf' }], 'PK\x05\x06'.padEnd(22, '\0')))).toBeNull();
    expect(listZip(buildZip([{ name: 'a.pdf' }], 'a comment'))).toHaveLength(1);
    expect(listZip(buildZip([]))).toEqual([]);
    expect(listZip(buildZip(Array.from({ length: MAX_ZIP_ENTRIES + 1 }, (_, n) => ({ name: `${n}` }))))).toBeNull();
  });

  it('are read within their bytes, whatever those are', () => {
    const random = seededRandom(7);
    const whole = buildZip([{ name: 'a.pdf' }, { name: 'b.txt', isDeflated: true }, { name: 'c.exe' }]);
    for (let n = 0; n < 4_000; n += 1) {
      const bytes = Buffer.from(whole);
      for (let k = 0; k < 1 + (n % 4); k += 1) bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256);
      const cut = n % 3 === 0 ? bytes.subarray(0, Math.floor(random.next() * bytes.length)) : bytes;
      expect(() => listZip(cut)).not.toThrow();
    }
    expect(listZip(Buffer.alloc(0))).toBeNull();
  });
});

describe('the mark of a file from the internet', () => {
  const calls: unknown[] = [];
  const marking = (platform: string, fails = false) => ({
    platform,
    writeFile: (...args: unknown[]) => (calls.push(['write', ...args]), fails ? Promise.reject(new Error('no')) : Promise.resolve()),
    run: (...args: unknown[]) => (calls.push(['run', ...args]), fails ? Promise.reject(new Error('no')) : Promise.resolve()),
  });

  it('is a stream on Windows, an attribute on macOS, and nothing elsewhere', async () => {
    calls.length = 0;
    expect(await markFromInternet('C:\\x\\a.pdf', marking('win32'), 0)).toBe(true);
    expect(await markFromInternet('/x/a.pdf', marking('darwin'), 1_700_000_000_000)).toBe(true);
    expect(await markFromInternet('/x/a.pdf', marking('linux'), 0)).toBe(true);
    expect(calls).toEqual([
      ['write', 'C:\\x\\a.pdf:Zone.Identifier', '[ZoneTransfer]\r\nZoneId=3\r\n'],
      ['run', '/usr/bin/xattr', ['-w', 'com.apple.quarantine', '0081;6553f100;Holdover;', '/x/a.pdf']],
    ]);
  });

  it('that cannot be set is told, and nothing is lost', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'holdover-mark-'));
    const file = path.join(dir, 'a.pdf');
    writeFileSync(file, 'content');
    expect(await markFromInternet(file, marking('win32', true), 0)).toBe(false);
    expect(await markFromInternet(file, marking('darwin', true), 0)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('content');
    rmSync(dir, { recursive: true });
  });
});
