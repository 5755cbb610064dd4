/** A mail of the usual kind: text and HTML and a file, umlauts in names and subject. */
export function usualMail(n: number, fileBytes = 300): Buffer {
  const text =
    `Received: from mx.example.org (mx.example.org [192.0.2.1]) by mail.example.com id ${n}\r\n for <anna@example.com>; Wed, 01 Jan 2025 10:00:00 +0100\r\n` +
    `From: =?utf-8?q?J=C3=B6rg_M=C3=BCller?= <joerg@example.org>\r\nTo: "Meier, Anna" <anna@example.com>, b@example.net\r\n` +
    `Subject: =?utf-8?q?Angebot_f=C3=BCr?= ${n}\r\nDate: Wed, 01 Jan 2025 10:00:00 +0100\r\nMessage-ID: <m${n}@mail.example.org>\r\nReferences: <m1@mail.example.org>\r\n <m${n - 1}@mail.example.org>\r\n` +
    `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b${n}"\r\n\r\n--b${n}\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHallo ${n}\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>Hallo</p>\r\n--a--\r\n` +
    `--b${n}\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${'QUJD'.repeat(Math.ceil(fileBytes / 4))}\r\n--b${n}--\r\n`;
  return Buffer.from(text, 'latin1');
}
