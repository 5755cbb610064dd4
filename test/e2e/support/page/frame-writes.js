// Runs in a page: watches what is given to the frame of a mail. Gives what is wrong: a text that no serialiser has just written, one that
// is not marked as trusted, and a second one for the same mail.
() => {
  const wrong = [];
  let [written, last, count] = [null, null, 0];
  const outer = Object.getOwnPropertyDescriptor(Element.prototype, 'outerHTML');
  Object.defineProperty(Element.prototype, 'outerHTML', {
    ...outer,
    get() {
      return (written = outer.get.call(this));
    },
  });
  const srcdoc = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, 'srcdoc');
  Object.defineProperty(HTMLIFrameElement.prototype, 'srcdoc', {
    ...srcdoc,
    set(value) {
      const mail = document.querySelector('.reader h2')?.innerText ?? '';
      count += 1;
      if (!(value instanceof TrustedHTML)) wrong.push(`${mail}: no trusted HTML`);
      if (String(value) !== written) wrong.push(`${mail}: not as it was written`);
      if (mail === last) wrong.push(`${mail}: written twice`);
      last = mail;
      srcdoc.set.call(this, value);
    },
  });
  globalThis.frameWrites = () => ({ wrong, count });
};
