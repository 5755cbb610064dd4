import type { DangerCode } from '../model/trust.ts';

type NameDanger = Extract<DangerCode, 'runs' | 'web-page' | 'macros' | 'disk-image' | 'shortcut' | 'settings'>;

/**
 * Endings of files that a system runs, mounts, installs or lets act on the computer. Gathered from what Windows, macOS, Linux desktops and
 * office programs say of themselves, and from what mail programs publish as refused.
 */
const ENDINGS: Readonly<Record<NameDanger, string>> = {
  runs:
    'accda accde accdr ace action ade adp air ani apk app appimage applescript application appx appxbundle arc arj asp aspx asx bas bash bat ' +
    'bgi bin cab cgi chm chi class cmd com command cpl crx csh cnt deb dll dylib ex ex_ exe elf fish fxp gadget grp hlp hpj hta htc ' +
    'hwpx ins ipa isp its jar jnlp job js jse jsp ksh lib lua lzh mad maf mag mam maq mar mas mat mau mav maw mcf mda mdb mde mdn mdt ' +
    'mdw mdz mjs cjs mpkg msc msh msh1 msh1xml msh2 msh2xml mshxml msi msix msixbundle msp msrcincident mst msu nsh one onepkg onetoc2 ' +
    'ops osd out paf pcd perl phar php phtml pif pkg pl plg plx pm prf prg printerexport ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 psm1 ' +
    'psrc pssc pst py pyc pyo pyw pyz pyzw r00 rb rbw rgs rpm rtfd run scpt scptd scr sct service sh shb shs snap so sys tcl tmp udl vb ' +
    'vbe vbp vbs vsmacros vsw vxd workflow ws wsb wsc wsf wsh xap xbap xnk xpi xz zsh appinstaller diagcab diagcfg diagpack flatpakref ' +
    'cdxml wiz',
  'web-page': 'eml htm html mht mhtml shtml svg svgz swf xht xhtml xml xps xsl xslt website webarchive',
  macros: 'docm dotm iqy dqy oqy rqy potm ppa ppam ppsm pptm sldm slk wbk wll xla xlam xll xlm xlsb xlsm xltm xlt odm otm',
  'disk-image': 'dmg img iso nrg sparsebundle sparseimage toast vhd vhdx vmdk wim swm udf cue',
  shortcut: 'appref-ms appcontent-ms desktop fileloc inetloc library-ms lnk rdp scf search-ms searchconnector-ms url webloc webpnp',
  settings:
    'cer contact crt der inf itheme mobileconfig mobileprovision msstyles p12 pfx reg settingcontent-ms terminal theme themepack wab',
};
const BY_ENDING = new Map(
  Object.entries(ENDINGS).flatMap(([code, endings]) => endings.split(' ').map((ending) => [ending, code as NameDanger] as const)),
);
/** What a name ends in before its real ending, to be taken for a harmless file. */
const HARMLESS = new Set(
  'pdf doc docx xls xlsx ppt pptx odt ods odp txt rtf csv jpg jpeg png gif webp bmp tif tiff mp3 mp4 zip ics'.split(' '),
);
const DANGEROUS_TYPE =
  /^(?:text\/(?:html|javascript|ecmascript|x-sh|x-python|vbscript|x-shellscript)|image\/svg\+xml|application\/(?:hta|x-msdownload|x-msdos-program|x-ms-installer|x-msi|x-sh|x-shellscript|x-csh|javascript|x-javascript|ecmascript|java-archive|x-java-archive|x-bat|x-executable|x-dosexec|vnd\.microsoft\.portable-executable|x-iso9660-image|x-apple-diskimage|vnd\.android\.package-archive|x-ms-shortcut|x-ms-application|internet-shortcut|xhtml\+xml|x-shockwave-flash|x-desktop|vnd\.ms-[a-z]+\.[a-z.]*macroenabled\.12))$/iu;

/** Ending of a file name without the dot, in small letters; what systems drop from the end of a name, and all after a colon, is ignored. */
export function endingOf(fileName: string): string {
  const name = fileName.replace(/:.*$/su, '').replace(/[.\s]+$/u, '');
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** Why a file of this name is dangerous, with the ending that is the reason; null where it is not. */
export function dangerOfName(fileName: string): { code: NameDanger | 'double-ending'; named: string } | null {
  const ending = endingOf(fileName);
  const code = BY_ENDING.get(ending);
  if (code === undefined) return null;
  const before = endingOf(
    fileName
      .replace(/:.*$/su, '')
      .replace(/[.\s]+$/u, '')
      .slice(0, -ending.length - 1),
  );
  return { code: HARMLESS.has(before) ? 'double-ending' : code, named: ending };
}

/** The same for an attachment, whose declared type may tell more than its name. */
export function dangerOfAttachment({
  fileName,
  mimeType,
}: {
  fileName: string;
  mimeType: string;
}): { code: DangerCode; named: string } | null {
  const byName = dangerOfName(fileName);
  if (byName !== null) return byName;
  return DANGEROUS_TYPE.test(mimeType.trim()) ? { code: 'other-type', named: endingOf(fileName) } : null;
}

/** Every ending that is taken for dangerous. */
export const dangerousEndings: ReadonlySet<string> = new Set(BY_ENDING.keys());
