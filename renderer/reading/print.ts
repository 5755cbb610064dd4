import type { MessageView } from '../../shared/model/message.ts';
import { printableMail } from '../mail/sanitize.ts';
import { visibleLine, visibleText } from '../../shared/visible-text.ts';
import { listedAttachments } from '../mail/listed-attachments.ts';
import { session } from '../state/session.svelte.ts';

/** The document that is printed of a mail: its head lines and its cleaned text, nothing that runs or loads. */
export function printedMail(view: MessageView): string {
  const { reader, list, attachments } = session.words;
  const people = (all: MessageView['to']): string =>
    all.map(({ name, address }) => (name === '' || name === address ? address : `${name} <${address}>`)).join(', ');
  const files = listedAttachments(view);
  const lines: [string, string][] = [
    [reader.from, people(view.from)],
    [reader.to, people(view.to)],
    [reader.cc, people(view.cc)],
    [reader.date, session.formats.full(view.row.sentDate ?? view.row.internalDate)],
    [attachments.heading(files.length), files.map((one) => one.fileName).join(', ')],
  ];
  const subject = visibleLine(view.row.subject) || list.noSubject;
  const head = lines.map(([label, text]) => [label, visibleLine(text)] as const).filter(([, text]) => text !== '');
  const body = view.html ? { html: view.html, inlineImages: view.inlineImages } : { text: visibleText(view.text ?? '') };
  return printableMail(subject, head, body, session.language);
}
