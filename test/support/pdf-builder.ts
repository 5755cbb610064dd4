/** A PDF of so many pages with this text in Helvetica on each; with everything in it that could act, when `origin` is given. */
export function buildPdf({ pages = 1, text = 'Hello', origin }: { pages?: number; text?: string; origin?: string } = {}): Buffer {
  const objects: string[] = [];
  const add = (content: string): number => objects.push(content);
  const script =
    origin === undefined
      ? ''
      : `<< /S /JavaScript /JS (app.alert\\('ran'\\); app.launchURL\\('${origin}/js', true\\); this.submitForm\\('${origin}/submit'\\)) >>`;
  const uri = origin === undefined ? '' : `<< /S /URI /URI (${origin}/uri) >>`;
  const acts =
    script === '' ? '' : `/OpenAction ${script} /AA << /WC ${uri} /DC ${script} >> /Names << /JavaScript << /Names [(a) ${script}] >> >>`;
  add(`<< /Type /Catalog /Pages 2 0 R ${acts} >>`);
  const first = 4;
  add(`<< /Type /Pages /Count ${pages} /Kids [${Array.from({ length: pages }, (_, n) => `${first + 3 * n} 0 R`).join(' ')}] >>`);
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (let page = 0; page < pages; page += 1) {
    const at = first + 3 * page;
    const pageActs = uri === '' ? '' : `/AA << /O ${uri} >>`;
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents ${at + 1} 0 R /Annots [${at + 2} 0 R] ${pageActs} >>`,
    );
    const stream = `BT /F 36 Tf 60 760 Td (${text} ${page + 1}) Tj ET 60 600 400 100 re f`;
    const remote = origin === undefined ? '' : `/F << /FS /URL /F (${origin}/stream) >> `;
    add(`<< ${remote.replace('/F <<', '/X <<')}/Length ${stream.length} >>\nstream\n${stream}\nendstream`);
    const action = origin === undefined ? '' : `/A << /S /GoToR /F (${origin}/gotor) >> /AA << /E ${uri} /U ${script} >>`;
    add(`<< /Type /Annot /Subtype /Link /Rect [0 0 595 842] ${action} >>`);
  }
  let body = '%PDF-1.7\n';
  const offsets = objects.map((content, n) => {
    const at = body.length;
    body += `${n + 1} 0 obj\n${content}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const end = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(body + end, 'latin1');
}
