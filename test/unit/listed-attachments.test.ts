import { describe, expect, it } from 'vitest';
import { listedAttachments } from '../../renderer/mail/listed-attachments.ts';
import type { Attachment } from '../../shared/model/message.ts';

const file = (index: number, change: Partial<Attachment> = {}): Attachment => ({
  ...{ index, fileName: `${index}.png`, mimeType: 'image/png', sizeBytes: 10, isInline: false, contentId: `${index}@x` },
  ...change,
});
const listed = (html: string | null, attachments: Attachment[], images: readonly string[]) => {
  const inlineImages = Object.fromEntries(images.map((id) => [id, 'data:image/png;base64,AA==']));
  return listedAttachments({ html, inlineImages, attachments }).map((one) => one.index);
};

describe('attachments with a line of their own', () => {
  it('are all but the pictures that the text shows', () => {
    const html = `<p>a</p><IMG alt="x" SRC='cid:1@x'><img src=cid:two%40x width=3><img\nsrc="cid:3@x">`;
    const files = [file(0), file(1), file(2, { contentId: 'two@x' }), file(3), file(4, { contentId: null })];
    expect(listed(html, files, ['0@x', '1@x', 'two@x', '3@x'])).toEqual([0, 4]);
  });

  it('are those, too, that the text names and that cannot be shown there', () => {
    const html = '<img src="cid:1@x"><img src="cid:2@x"><a href="cid:3@x">x</a><img src="cid:%">';
    const files = [
      file(1),
      file(2, { fileName: '2.pdf', mimeType: 'application/pdf' }),
      file(3),
      file(4, { within: [0], contentId: '1@x' }),
    ];
    expect(listed(html, files, ['2@x', '3@x'])).toEqual([1, 2, 3, 4]);
    expect(listed(null, files, ['1@x', '2@x', '3@x'])).toEqual([1, 2, 3, 4]);
  });
});
