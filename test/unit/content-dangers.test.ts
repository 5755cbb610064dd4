import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dangerOfContent } from '../../main/engine/trust/content/content-dangers.ts';
import { recognise } from '../../main/engine/trust/content/content-kind.ts';
import { attachmentKind } from '../../renderer/mail/attachment-kind.ts';
import { dangerLine, dangerMark } from '../../renderer/mail/danger-words.ts';
import { care as de } from '../../renderer/text/de/care.ts';
import { care as en } from '../../renderer/text/en/care.ts';
import { dangerOfName } from '../../shared/trust/danger-names.ts';
import { buildRar4, buildRar5, buildSeven, buildTar, bytes, hex } from '../support/archive-builder.ts';
import { reportFigure } from '../support/figures.ts';
import { buildPdf } from '../support/pdf-builder.ts';
import { seededRandom } from '../support/random.ts';
import { buildZip } from '../support/zip-builder.ts';

const at = (offset: number, mark: string): Buffer => Buffer.concat([Buffer.alloc(offset), bytes(mark, 1024)]);
const compound = (...names: string[]): Buffer =>
  Buffer.concat([hex('d0cf11e0a1b11ae1', 512), ...names.map((name) => Buffer.concat([Buffer.from(name, 'utf16le'), Buffer.alloc(64)]))]);

/** By the kind they are: files that act, whatever they are called. */
const ACTING: Readonly<Record<string, readonly (readonly [what: string, content: Buffer])[]>> = {
  program: [
    ['PE', bytes('MZ\x90\0\x03', 256)],
    ['ELF', bytes('\x7fELF\x02', 64)],
    ['Mach-O 64', hex('cffaedfe', 64)],
    ['Mach-O 32, big-endian', hex('feedface', 64)],
    ['Mach-O for several machines, or Java', hex('cafebabe', 64)],
    ['Android', bytes('dex\n035\0', 64)],
    ['WebAssembly', bytes('\0asm\x01', 64)],
    ['Debian package', bytes('!<arch>\ndebian-binary', 64)],
    ['RPM', hex('edabeedb', 64)],
    ['macOS package', bytes('xar!', 64)],
    ['CHM', bytes('ITSF\x03', 64)],
    ['OneNote', hex('e4525c7b8cd8a74daeb15378d02996d3', 64)],
    ['Flash', bytes('CWS\x0a', 64)],
    ['MSI', Buffer.concat([compound('Root Entry'), hex('84100c0000000000c000000000000046')])],
    ['JAR', buildZip([{ name: 'META-INF/MANIFEST.MF' }, { name: 'a/B.class' }])],
    ['MMC console', bytes('<?xml version="1.0"?>\r\n<MMC_ConsoleFile ConsoleVersion="3.0">')],
  ],
  script: [
    ['shell', bytes('#!/bin/sh\nrm -rf ~\n')],
    ['env', bytes('#! /usr/bin/env python3\n')],
    ['batch', bytes('\r\n@ECHO OFF\r\nstart x\r\n')],
    ['encoded VBScript', bytes('#@~^4QAAAA==')],
    ['script component', bytes('<job id="a"><script language="VBScript">x</script></job>')],
  ],
  'web-page': [
    ['HTML', bytes('<!DOCTYPE html><form action="https://evil.test">')],
    ['HTML after comments and a BOM', bytes('\xef\xbb\xbf \n<!-- a --><!-- b -->\n<HTML>')],
    ['HTML in UTF-16', Buffer.from('\ufeff<html><script>', 'utf16le')],
    ['a lone script', bytes('<script>location="https://evil.test"</script>')],
    ['SVG', bytes('<?xml version="1.0"?>\n<svg onload="alert(1)">')],
    ['SVG without a declaration', bytes('<svg xmlns="http://www.w3.org/2000/svg">')],
    ['XSLT', bytes('<?xml version="1.0"?><xsl:stylesheet version="1.0">')],
    ['web archive', bytes('From: <Saved by Blink>\r\nSnapshot-Content-Location: x\r\n')],
    ['a form alone', bytes('<form action="https://evil.test">')],
  ],
  shortcut: [
    ['LNK', hex('4c0000000114020000000000c000000000000046', 76)],
    ['URL', bytes('[InternetShortcut]\r\nURL=file://evil.test/a.exe')],
    ['desktop entry', bytes('[Desktop Entry]\nExec=sh -c x')],
    ['library', bytes('<?xml version="1.0"?><libraryDescription xmlns="x">')],
    ['search', bytes('<?xml version="1.0"?>\n<persistedQuery version="1.0">')],
    ['remote desktop', bytes('screen mode id:i:2\r\nfull address:s:evil.test\r\n')],
    ['webloc', bytes('<?xml version="1.0"?><!DOCTYPE plist PUBLIC "x"><plist><dict><key>URL</key>')],
  ],
  settings: [
    ['registry', bytes('Windows Registry Editor Version 5.00\r\n')],
    ['registry in UTF-16', Buffer.from('\ufeffWindows Registry Editor Version 5.00\r\n', 'utf16le')],
    ['old registry', bytes('REGEDIT4\r\n')],
    ['profile', bytes('<?xml version="1.0"?><plist version="1.0"><dict><key>PayloadType</key>')],
    ['settings', bytes('<?xml version="1.0"?><PCSettings><SearchableContent>')],
  ],
  'disk-image': [
    ['ISO', at(0x8001, 'CD001')],
    ['UDF', at(0x8001, 'BEA01')],
    ['VHD', bytes('conectix', 2048)],
    ['VHD of fixed size', Buffer.concat([Buffer.alloc(4096), bytes('conectix', 512)])],
    ['VHDX', bytes('vhdxfile', 64)],
    ['VMDK', bytes('KDMV', 64)],
    ['WIM', bytes('MSWIM\0\0\0', 64)],
    ['DMG', Buffer.concat([Buffer.alloc(4096), bytes('koly', 512)])],
  ],
};
const LURES = [
  { fileName: 'Rechnung.pdf', mimeType: 'application/pdf' },
  { fileName: 'photo.jpg', mimeType: 'image/jpeg' },
  { fileName: 'Vertrag.docx', mimeType: 'application/octet-stream' },
  { fileName: 'data', mimeType: 'application/octet-stream' },
  { fileName: 'a.zip', mimeType: 'application/zip' },
];

describe('a file that acts under a harmless name', () => {
  for (const [kind, files] of Object.entries(ACTING)) {
    it.each(files)(`%s is ${kind}`, async (what, content) => {
      for (const lure of LURES) {
        if (what === 'JAR' && lure.fileName === 'a.zip') continue; // told by the names in it
        expect(await dangerOfContent(lure, content), lure.fileName).toEqual({ code: 'disguised', named: kind });
      }
    });
  }

  it('is told in words, in both languages, beside its name, too', () => {
    const danger = { index: 0, code: 'disguised', named: 'program' } as const;
    expect(dangerLine(danger, 'a.pdf', de)).toBe('Der Anhang „a.pdf“ ist nicht, was sein Name sagt, sondern ein Programm.');
    expect(dangerLine(danger, 'a.pdf', en)).toBe('The attachment “a.pdf” is not what its name says: it is a program.');
    expect(dangerMark(danger, de, 'x')).toBe('in Wirklichkeit ein Programm');
    expect(dangerMark({ index: 0, code: 'locked-archive', named: '' }, en, 'x')).toBe('locked');
    expect(dangerMark({ index: 0, code: 'unclear-archive', named: '' }, de, 'x')).toBe('nicht einsehbar');
    expect(dangerMark({ index: 0, code: 'runs', named: 'exe' }, de, 'Vorsicht')).toBe('Vorsicht');
    const kinds = [...Object.keys(ACTING), 'archive', 'document', 'pdf', 'picture', 'markup'];
    for (const words of [de, en]) expect(Object.keys(words.contents).sort()).toEqual(kinds.sort());
    const files = Object.values(ACTING).reduce((sum, all) => sum + all.length, 0);
    reportFigure('H10 content under another name', { kinds: Object.keys(ACTING).length, files, names: LURES.length, missed: 0 });
  });

  it('is only another thing where a program for text would show it', async () => {
    const note = { fileName: 'notes.txt', mimeType: 'text/plain' };
    expect(await dangerOfContent(note, bytes('#!/bin/sh\nls\n'))).toEqual({ code: 'other-content', named: 'script' });
    expect(await dangerOfContent(note, bytes('<!doctype html><p>x'))).toEqual({ code: 'other-content', named: 'web-page' });
    expect(await dangerOfContent(note, bytes('MZ\x90\0', 200))).toEqual({ code: 'disguised', named: 'program' });
    expect(await dangerOfContent(note, bytes('<p align=center>A readme'))).toBeNull();
  });
});

const jpeg = hex('ffd8ffe000104a464946', 100);
const ooxml = (...names: string[]): Buffer => buildZip([{ name: '[Content_Types].xml' }, ...names.map((name) => ({ name }))]);

describe('what is in a document', () => {
  it.each([
    ['a.doc', compound('WordDocument', 'Macros', '_VBA_PROJECT'), { code: 'has-macros', named: '' }],
    ['a.xls', Buffer.concat([compound('Workbook'), hex('85000e0000000000010106004d6163726f31')]), { code: 'has-macros', named: '' }],
    ['a.xls', Buffer.concat([compound('Workbook'), hex('85000e00000000000000060053686565743100')]), null],
    ['a.doc', compound('WordDocument', '\x01Ole10Native'), { code: 'embedded-file', named: '' }],
    ['a.docx', compound('EncryptionInfo', 'EncryptedPackage'), { code: 'locked-archive', named: '' }],
    ['a.doc', compound('WordDocument'), null],
    ['a.docx', ooxml('word/document.xml'), null],
    ['a.docx', ooxml('word/document.xml', 'word/vbaProject.bin'), { code: 'has-macros', named: '' }],
    ['a.xlsx', ooxml('xl/macrosheets/sheet1.xml'), { code: 'has-macros', named: '' }],
    ['a.docx', Buffer.concat([ooxml('word/vbaProject.bin'), Buffer.from('tail')]), { code: 'has-macros', named: '' }],
    ['a.odt', buildZip([{ name: 'mimetype' }, { name: 'META-INF/manifest.xml' }, { name: 'content.xml' }]), null],
    ['a.odt', buildZip([{ name: 'META-INF/manifest.xml' }, { name: 'Basic/Standard/Module1.xml' }]), { code: 'has-macros', named: '' }],
    ['a.rtf', bytes('{\\rtf1 hello}'), null],
    ['a.doc', bytes('{\\rtf1{\\object\\objemb{\\*\\objdata 0105}}}'), { code: 'embedded-file', named: '' }],
    ['a.pdf', buildPdf(), null],
    ['a.pdf', buildPdf({ origin: 'https://evil.test' }), { code: 'pdf-acts', named: '' }],
    ['a.pdf', bytes('%PDF-1.4\n<< /S /J#61vaScript /J#53 (x) >>'), { code: 'pdf-acts', named: '' }],
    ['a.pdf', bytes('%PDF-1.4\n<< /S /Launch /F (cmd.exe) >>'), { code: 'pdf-acts', named: '' }],
    ['a.pdf', bytes('%PDF-1.4\n<< /Type /Filespec /F (factur-x.xml) >>'), null],
    ['a.pdf', bytes('%PDF-1.4\n<< /Type /Filespec /F (start.exe) >>'), { code: 'embedded-file', named: 'start.exe' }],
    ['a.pdf', bytes('%PDF-1.4\n1 0 obj << >> stream\n/JavaScript in a picture\nendstream'), null],
    [
      'a.pdf',
      Buffer.concat([
        bytes('%PDF-1.5\n1 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\r\n'),
        deflateSync(Buffer.from('<< /OpenAction << /S /JavaScript >> >>')),
        bytes('\nendstream'),
      ]),
      { code: 'pdf-acts', named: '' },
    ],
  ])('%s', async (fileName, content, danger) => {
    expect(await dangerOfContent({ fileName, mimeType: 'application/octet-stream' }, content)).toEqual(danger);
  });

  it('comes from elsewhere, where a template does', async () => {
    const with_ = (target: string): Buffer => {
      const rel = `<Relationship Type="http://x/attachedTemplate" Target="${target}" TargetMode="External"/>`;
      return buildZip([
        { name: '[Content_Types].xml' },
        { name: 'word/_rels/settings.xml.rels', content: Buffer.from(rel), isDeflated: true },
      ]);
    };
    const docx = { fileName: 'a.docx', mimeType: 'application/octet-stream' };
    expect(await dangerOfContent(docx, with_('https://evil.test/t.dotm'))).toEqual({ code: 'remote-template', named: '' });
    expect(await dangerOfContent(docx, with_('file:///C:/Templates/letter.dotx'))).toBeNull();
  });

  // A pattern with two ways through the same text would not come to an end here.
  it('looks through what is made to take for ever', async () => {
    const note = { fileName: 'a.txt', mimeType: 'text/plain' };
    expect(await dangerOfContent(note, Buffer.from('a:s: '.repeat(4_000)))).toBeNull();
    const rels = Buffer.from('<relationship '.repeat(70_000));
    const packed = buildZip([
      { name: '[Content_Types].xml', content: Buffer.from('x') },
      { name: 'word/_rels/settings.xml.rels', content: rels, isDeflated: true },
    ]);
    expect(await dangerOfContent({ fileName: 'a.docx', mimeType: 'application/octet-stream' }, packed)).toBeNull();
  });
});

describe('archives that are no zip', () => {
  const risky = (named: string) => ({ code: 'holds-risky', named });
  const unclear = { code: 'unclear-archive', named: '' };
  const locked = { code: 'locked-archive', named: '' };
  it.each([
    ['a.tar', buildTar('a.pdf', 'b/c.txt'), null],
    ['a.tar', buildTar('a.pdf', 'b/c.scr'), risky('c.scr')],
    ['a.tar', buildTar('a.zip'), unclear],
    ['a.tar', buildTar('a.pdf').subarray(0, 700), unclear],
    ['a.tar.gz', gzipSync(buildTar('a.pdf', 'start.js')), risky('start.js')],
    ['a.tgz', gzipSync(buildTar('a.pdf')), null],
    ['a.txt.gz', gzipSync(Buffer.from('text')), null],
    ['a.exe.gz', gzipSync(Buffer.from('x')), risky('a.exe')],
    ['a.txt.gz', gzipSync(bytes('MZ\x90\0', 100)), risky('a.txt')],
    ['bomb.gz', gzipSync(Buffer.alloc(20 * 1024 * 1024)), unclear],
    ['a.rar', buildRar4(['a.pdf', 'b.pdf']), null],
    ['a.rar', buildRar4(['a.pdf', 'dir\\b.vbs']), risky('b.vbs')],
    ['a.rar', buildRar4(['a.pdf'], 4), locked],
    ['a.rar', buildRar5(['a.pdf']), null],
    ['a.rar', buildRar5(['dir/b.lnk']), risky('b.lnk')],
    ['a.rar', buildRar5(['a.pdf'], Buffer.from([2, 1, 0])), locked],
    ['a.rar', Buffer.concat([bytes('Rar!\x1a\x07\x01\0'), Buffer.from([0, 0, 0, 0, 4, 4, 0, 0, 0])]), locked],
    ['a.rar', bytes('Rar!\x1a\x07\x01\0\0\0\0\0\xff\xff'), unclear],
    ['a.7z', buildSeven('17062406f10701'), locked],
    ['a.7z', buildSeven('1706240123030101'), unclear],
    ['a.bz2', bytes('BZh91AY&SY', 64), unclear],
    ['a.zip', bytes('MSCF\0\0\0\0', 64), unclear],
    ['a.zip', buildZip([{ name: 'a.pdf', isEncrypted: true }]), locked],
    ['a.rar', Buffer.from('no archive'), unclear],
  ])('%s', async (fileName, content, danger) => {
    expect(await dangerOfContent({ fileName, mimeType: 'application/octet-stream' }, content)).toEqual(danger);
  });

  it('are read within their bytes, whatever those are', async () => {
    const random = seededRandom(11);
    const wholes = [
      buildTar('a.pdf', 'b.js'),
      buildRar4(['a', 'b']),
      buildRar5(['a', 'b']),
      buildSeven('0106f10701'),
      compound('x'),
      buildPdf(),
    ];
    for (let n = 0; n < 1_200; n += 1) {
      const copy = Buffer.from(random.pick(wholes));
      for (let k = 0; k < 1 + (n % 6); k += 1) copy[8 + random.int(0, copy.length - 9)] = random.int(0, 255);
      const cut = n % 3 === 0 ? copy.subarray(0, random.int(0, copy.length - 1)) : copy;
      await dangerOfContent({ fileName: 'a.rar', mimeType: 'x/y' }, cut);
    }
    expect(recognise(Buffer.alloc(0))).toBeNull();
  });
});

describe('a file that is not what its name says', () => {
  it.each([
    ['a.pdf', 'application/pdf', jpeg, { code: 'other-content', named: 'picture' }],
    ['a.jpg', 'image/jpeg', bytes('%PDF-1.4'), { code: 'other-content', named: 'pdf' }],
    ['a.mp3', 'audio/mpeg', buildZip([{ name: 'a.pdf' }]), { code: 'other-content', named: 'archive' }],
    ['a.pdf', 'application/pdf', buildZip([{ name: 'a.js' }]), { code: 'holds-risky', named: 'a.js' }],
    ['', 'image/png', compound('x'), { code: 'other-content', named: 'document' }],
    ['a.png', 'image/png', jpeg, null],
    ['a.doc', 'application/msword', bytes('{\\rtf1 x}'), null],
    ['a.unknown', 'application/octet-stream', jpeg, null],
    ['a.txt', 'text/plain', bytes('MZ is how this note begins'), null],
    ['a.csv', 'text/csv', bytes('BMW;3;4'), null],
    ['a.pdf', 'application/pdf', bytes('\n\n%PDF-1.4'), null],
    ['a.pdf', 'application/pdf', Buffer.from('x'), null],
  ])('%s, %s', async (fileName, mimeType, content, danger) => {
    expect(await dangerOfContent({ fileName, mimeType }, content)).toEqual(danger);
  });

  it('is what it says in all that the app shows by itself', async () => {
    for (const [fileName, mimeType, content] of [
      ['a.pdf', 'application/pdf', buildPdf()],
      ['a.jpg', 'image/jpeg', jpeg],
      ['a.txt', 'text/plain', Buffer.from('hello')],
    ] as const) {
      expect(attachmentKind({ fileName, mimeType })).not.toBe('other');
      expect(dangerOfName(fileName) ?? (await dangerOfContent({ fileName, mimeType }, content))).toBeNull();
    }
  });
});
