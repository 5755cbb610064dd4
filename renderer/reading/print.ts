import type { MessageView } from '../../shared/model/message.ts';
import { addStyle, emptyFrame } from '../mail/frame-document.ts';
import { laidOut } from '../mail/layout.ts';
import { visibleLine, visibleText } from '../../shared/visible-text.ts';
import { listedAttachments } from '../mail/listed-attachments.ts';
import { parseInert } from '../mail/purifier.ts';
import { session } from '../state/session.svelte.ts';

const PRINT_STYLE = `@page{margin:18mm 16mm}body{margin:0;background:#fff}h1{margin:0 0 8px;font-size:19px;line-height:1.3}header{margin:0 0 16px;padding:0 0 12px;border-bottom:1px solid #888}header p{margin:0 0 2px;font-size:12.5px}header b{color:#4b5361;font-weight:400}.text{white-space:pre-wrap}tr,img{break-inside:avoid}`;

const element = (page: Document, name: string, ...content: readonly (string | Node)[]): HTMLElement => {
  const made = page.createElement(name);
  made.append(...content);
  return made;
};

/** The text of the mail as it is read: cleaned, a few elements at a time, or its text where its layout costs too much. */
async function pageOf(view: MessageView): Promise<Document> {
  const layout = view.html === null || view.html === '' ? null : await laidOut({ ...view, html: view.html }, new AbortController().signal);
  if (layout?.clean) return parseInert(layout.clean.html);
  const page = emptyFrame();
  const text = element(page, 'div', visibleText(layout?.text ?? view.text ?? ''));
  text.className = 'text';
  page.body.append(text);
  return page;
}

/** The document that is printed of a mail: its head lines and its cleaned text, nothing that runs or loads. */
export async function printedMail(view: MessageView): Promise<string> {
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
  const page = await pageOf(view);
  page.documentElement.lang = session.language;
  page.title = subject;
  addStyle(page, PRINT_STYLE);
  const shown = head.map(([label, text]) => element(page, 'p', element(page, 'b', `${label}:`), ` ${text}`));
  page.body.prepend(element(page, 'header', element(page, 'h1', subject), ...shown));
  return `<!doctype html>${page.documentElement.outerHTML}`;
}
