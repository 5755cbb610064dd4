import { AnnotationMode, getDocument, PDFWorker, type PDFDocumentProxy, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';
import { isPdf } from '../mail/attachment-kind.ts';
import { trustOwnScript } from '../mail/purifier.ts';

const OPEN_TIMEOUT_MS = 20_000;
const PAGE_TIMEOUT_MS = 15_000;
/** Pixels of one picture in a document, and of one page. A larger picture is left out. */
const MAX_IMAGE_PIXELS = 40_000_000;
const MAX_PAGE_PIXELS = 6_000_000;
const MAX_PAGE_TEXT = 20_000;
/** Pages that are shown. */
export const MAX_PAGES = 100;

/** A PDF document that is shown page by page as pictures. Its reader runs in a worker that may be ended at any time. */
export interface OpenPdf {
  readonly pages: number;
  /** Draws a page into a canvas, as wide as this in CSS pixels; gives the text on it. @throws when it cannot be drawn in time */
  draw(page: number, canvas: HTMLCanvasElement, width: number): Promise<string>;
  close(): void;
}

/** Thrown for a document that asks for a password. */
export class PdfProtected extends Error {}

/** Ends the worker where it takes longer: nothing else stops what it does. */
function within<T>(limitMs: number, port: Worker, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      port.terminate();
      reject(new Error('took too long'));
    }, limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Opens a document. Nothing in it runs: there is no scripting in this reader, forms and links are drawn as pictures, and the
 * policy of the app lets neither the page nor the worker load or evaluate anything.
 * @throws PdfProtected; any other error when it is no PDF or takes too long
 */
export async function openPdf(content: Uint8Array): Promise<OpenPdf> {
  if (!isPdf(content)) throw new Error('no PDF');
  const port = new Worker(trustOwnScript(new URL(workerUrl, location.href).href) as unknown as string, { type: 'module' });
  try {
    const loading = getDocument({
      data: new Uint8Array(content),
      worker: PDFWorker.create({ port, verbosity: 0 }),
      verbosity: 0,
      enableXfa: false,
      useWasm: false,
      useWorkerFetch: false,
      disableWorkerRendering: true,
      isImageDecoderSupported: false,
      maxImageSize: MAX_IMAGE_PIXELS,
      stopAtErrors: false,
    });
    const document = await within(OPEN_TIMEOUT_MS, port, loading.promise);
    return opened(document, port);
  } catch (error) {
    port.terminate();
    throw error instanceof Error && error.name === 'PasswordException' ? new PdfProtected() : error;
  }
}

function opened(document: PDFDocumentProxy, port: Worker): OpenPdf {
  return {
    pages: document.numPages,
    draw: (page, canvas, width) => within(PAGE_TIMEOUT_MS, port, drawPage(document, page, canvas, width)),
    close: () => {
      void document.loadingTask.destroy().catch(() => undefined); // the worker that it says goodbye to is gone
      port.terminate();
    },
  };
}

async function drawPage(document: PDFDocumentProxy, number: number, canvas: HTMLCanvasElement, width: number): Promise<string> {
  const page = await document.getPage(number);
  const natural = page.getViewport({ scale: 1 });
  const wanted = (width / natural.width) * Math.min(2, devicePixelRatio);
  const scale = Math.min(wanted, Math.sqrt(MAX_PAGE_PIXELS / (natural.width * natural.height)));
  const viewport = page.getViewport({ scale });
  canvas.width = Math.max(1, Math.floor(viewport.width));
  canvas.height = Math.max(1, Math.floor(viewport.height));
  await page.render({ canvas, viewport, annotationMode: AnnotationMode.ENABLE }).promise;
  const text = await textOf(page);
  page.cleanup();
  return text;
}

async function textOf(page: PDFPageProxy): Promise<string> {
  const { items } = await page.getTextContent();
  return items
    .map((item) => ('str' in item ? item.str + (item.hasEOL ? ' ' : '') : ''))
    .join('')
    .slice(0, MAX_PAGE_TEXT);
}
