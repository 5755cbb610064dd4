import type { Attachment } from '../../shared/model/message.ts';

/** What may be done with an attachment inside the app, besides saving. */
export type AttachmentKind = 'image' | 'text' | 'other' | 'risky';

/** Names that a system would run, mount, install or let act on the computer. */
const RISKY = new Set(
  (
    'ace action ade adp ani apk app appinstaller application appref-ms appx appxbundle arc arj asp aspx asx bas bash bat ' +
    'bgi cab cer chm cmd cnt com command cpl crt crx csh desktop der dll dmg docm dotm eml exe fileloc fxp gadget grp ' +
    'hlp hpj hta htc htm html hwpx img inetloc inf ins iso isp its jar jnlp job js jse ksh library-ms lnk lzh mad maf ' +
    'mag mam maq mar mas mat mau mav maw mcf mda mdb mde mdt mdw mdz mht mhtml mobileconfig msc msh msh1 msh2 msi msix ' +
    'msixbundle msp mst msu one onepkg onetoc2 ops osd out pcd pif pkg pl plg potm ppam ppsm pptm prf prg printerexport ' +
    'ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 psm1 pst py pyc pyo pyw pyz pyzw r00 rb rdp reg rgs run scf scr sct ' +
    'search-ms searchconnector-ms settingcontent-ms sh shb shs sldm slk svg swf sys terminal theme tmp udl url vb vbe ' +
    'vbp vbs vhd vhdx vsmacros vsw vxd webloc website ws wsb wsc wsf wsh xbap xht xhtml xla xlam xll xlm xlsb xlsm xltm ' +
    'xml xnk xps xsl xz zsh'
  ).split(' '),
);
const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
};
const TEXTS = new Set(['txt', 'text', 'log', 'csv', 'tsv', 'md', 'ics', 'vcf', 'diff', 'patch']);

/** Ending of a file name without the dot, in small letters; trailing dots and blanks, which systems drop, are ignored. */
export function endingOf(fileName: string): string {
  const name = fileName.replace(/[. ]+$/u, '').replace(/:.*$/u, '');
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/**
 * Decides by name first, since the name is what the system goes by. A picture or text must be named and declared as one;
 * when the two differ it can only be saved. SVG and HTML are never shown as attachments.
 */
export function attachmentKind({ fileName, mimeType }: Pick<Attachment, 'fileName' | 'mimeType'>): AttachmentKind {
  const ending = endingOf(fileName);
  const type = mimeType.toLowerCase();
  if (RISKY.has(ending)) return 'risky';
  const isImageType = Object.values(IMAGES).includes(type) || type === 'image/jpg';
  if (isImageType && (ending === '' || ending in IMAGES)) return 'image';
  if (type.startsWith('text/') && type !== 'text/html' && type !== 'text/xml' && (ending === '' || TEXTS.has(ending))) return 'text';
  return 'other';
}

const SIGNATURES: readonly (readonly [type: string, bytes: readonly (number | null)[]])[] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
  ['image/bmp', [0x42, 0x4d]],
];

/** Type of a picture by its first bytes, whatever it claims to be; null when it is none that is shown. */
export function imageTypeOf(content: Uint8Array): string | null {
  const fits = (bytes: readonly (number | null)[]) => bytes.every((byte, at) => byte === null || content[at] === byte);
  return SIGNATURES.find(([, bytes]) => content.length >= bytes.length && fits(bytes))?.[0] ?? null;
}
