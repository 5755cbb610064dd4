/** What a file is by its bytes; the words are in renderer/text. */
export type ContentKind =
  | 'program'
  | 'script'
  | 'web-page'
  | 'shortcut'
  | 'settings'
  | 'disk-image'
  | 'archive'
  | 'document'
  | 'pdf'
  | 'picture'
  /** Begins like a piece of a web page, as a note in plain text may, too. */
  | 'markup';
