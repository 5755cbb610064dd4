/** What the toolbar does to the text at the caret. */
export type EditorCommand = 'bold' | 'italic' | 'underline' | 'bullets' | 'numbers' | 'quote' | 'link' | 'clear';

/**
 * The browser's own editing commands: deprecated on paper, there in every Chromium, and the only ones whose changes are part of the
 * undo history.
 */
function run(command: string, value?: string | TrustedHTML): boolean {
  return document.execCommand(command, false, value as string | undefined);
}

/** To be called when an editor takes the focus: tags, not styles, and a line is a block. */
export function prepareEditing(): void {
  run('styleWithCSS', 'false');
  run('defaultParagraphSeparator', 'div');
}

const PLAIN: Partial<Record<EditorCommand, string>> = {
  bold: 'bold',
  italic: 'italic',
  underline: 'underline',
  bullets: 'insertUnorderedList',
  numbers: 'insertOrderedList',
};

/** Carries a command out. Links need an address: see setLink(). */
export function apply(command: Exclude<EditorCommand, 'link'>, editor: HTMLElement): void {
  const plain = PLAIN[command];
  if (plain) run(plain);
  else if (command === 'quote') toggleQuote(editor);
  else clear();
}

function clear(): void {
  run('removeFormat');
  run('unlink');
}

function toggleQuote(editor: HTMLElement): void {
  if (around(editor, 'BLOCKQUOTE')) run('outdent');
  else run('formatBlock', 'blockquote');
}

/** The nearest element of this kind around the caret, within the editor. */
export function around(editor: HTMLElement, tag: string): HTMLElement | null {
  let node: Node | null = document.getSelection()?.anchorNode ?? null;
  while (node && node !== editor) {
    if (node instanceof HTMLElement && node.tagName === tag) return node;
    node = node.parentNode;
  }
  return null;
}

/** Commands that hold where the caret is. */
export function activeCommands(editor: HTMLElement): Set<EditorCommand> {
  const active = new Set<EditorCommand>();
  for (const [name, command] of Object.entries(PLAIN) as [EditorCommand, string][])
    if (document.queryCommandState(command)) active.add(name);
  if (around(editor, 'BLOCKQUOTE')) active.add('quote');
  if (around(editor, 'A')) active.add('link');
  return active;
}

/** Links the selection. */
export function setLink(target: string): void {
  run('createLink', target);
}

/** Takes the link at the caret away and leaves its text. */
export function removeLink(editor: HTMLElement): void {
  const anchor = around(editor, 'A');
  if (anchor) document.getSelection()?.selectAllChildren(anchor);
  run('unlink');
}

/** Puts cleaned HTML in place of the selection. */
export function insertHtml(html: TrustedHTML): void {
  run('insertHTML', html);
}

/** Puts a text in place of the selection; line ends begin new lines. */
export function insertPlain(text: string): void {
  run('insertText', text);
}
