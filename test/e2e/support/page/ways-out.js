// Runs in a page: every way that a page has to go elsewhere, open something or load something, each given the address of a
// foreign server. Gives the names of the ways, and `take(name, origin)` to try one.
(() => {
  const add = (tag, attributes, parent = document.body) => {
    const element = parent.appendChild(document.createElement(tag));
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const svg = (tag, attributes, parent) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return parent.appendChild(element);
  };
  const click = (attributes, init = {}) => {
    const link = add('a', attributes);
    link.textContent = 'x';
    link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, view: window, ...init }));
    link.click();
  };
  const submit = (attributes, button = {}) => {
    const form = add('form', attributes);
    add('input', { name: 'q', value: 'x' }, form);
    const submitter = add('button', { type: 'submit', ...button }, form);
    submitter.click();
    form.submit();
  };
  const ways = {
    'location.href': (to) => (location.href = to),
    'location.assign': (to) => location.assign(to),
    'location.replace': (to) => location.replace(to),
    'top.location': (to) => (top.location = to),
    'document.location': (to) => (document.location = to),
    link: (to) => click({ href: to }),
    'link to _blank': (to) => click({ href: to, target: '_blank' }),
    'link to _blank with opener': (to) => click({ href: to, target: '_blank', rel: 'opener' }),
    'link to _top': (to) => click({ href: to, target: '_top' }),
    'link to _parent': (to) => click({ href: to, target: '_parent' }),
    'link to a named window': (to) => click({ href: to, target: 'elsewhere' }),
    'link with the control key': (to) => click({ href: to }, { ctrlKey: true }),
    'link with the shift key': (to) => click({ href: to }, { shiftKey: true }),
    'middle click': (to) => {
      const link = add('a', { href: to });
      link.dispatchEvent(new MouseEvent('auxclick', { bubbles: true, cancelable: true, button: 1, view: window }));
    },
    'link with download': (to) => click({ href: to, download: 'x.exe' }),
    'data: with download': () => click({ href: 'data:application/octet-stream,x', download: 'x.exe' }),
    'blob: with download': () => click({ href: URL.createObjectURL(new Blob(['x'])), download: 'x.exe' }),
    'link with ping': (to) => click({ href: '#x', ping: to }),
    'link in SVG': (to) => {
      const link = svg('a', { href: to }, svg('svg', { width: '9', height: '9' }, document.body));
      link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, view: window }));
    },
    'area of a map': (to) => {
      const map = add('map', { name: 'm' });
      add('area', { href: to, shape: 'default' }, map).click();
    },
    'meta refresh': (to) => add('meta', { 'http-equiv': 'refresh', content: `0;url=${to}` }, document.head),
    'base and a relative link': (to) => {
      add('base', { href: to }, document.head);
      click({ href: 'relative' });
    },
    'form GET': (to) => submit({ action: to, method: 'get' }),
    'form POST': (to) => submit({ action: to, method: 'post' }),
    'form with formaction': (to) => submit({ method: 'post' }, { formaction: to }),
    'form to _blank': (to) => submit({ action: to, target: '_blank' }),
    'window.open': (to) => window.open(to),
    'window.open about:blank': (to) => {
      const opened = window.open('about:blank');
      if (opened) opened.location = to;
    },
    'window.open with features': (to) => window.open(to, 'x', 'nodeIntegration=yes,contextIsolation=no'),
    'window.open javascript:': () => window.open('javascript:alert(1)'),
    'javascript: link': () => click({ href: 'javascript:document.body.dataset.hit="1"' }),
    'data: address': () => (location.href = 'data:text/html,<h1>x'),
    'blob: address': () => (location.href = URL.createObjectURL(new Blob(['<h1>x'], { type: 'text/html' }))),
    'file: address': () => (location.href = 'file:///etc/passwd'),
    'about:blank': () => (location.href = 'about:blank'),
    'view-source:': () => (location.href = `view-source:${location.href}`),
    'other host of our scheme': () => (location.href = 'app://evil/index.html'),
    'missing page of ours': () => (location.href = 'app://holdover/missing.html'),
    'our own page again': () => location.reload(),
    frame: (to) => add('iframe', { src: to }),
    'frame of our own': () => add('iframe', { src: 'app://holdover/index.html' }),
    object: (to) => add('object', { data: to }),
    embed: (to) => add('embed', { src: to }),
    webview: (to) => add('webview', { src: to }),
    portal: (to) => add('portal', { src: to }),
    'fenced frame': (to) => add('fencedframe', { src: to }),
    image: (to) => add('img', { src: to }),
    'image by srcset': (to) => add('img', { srcset: `${to} 2x` }),
    video: (to) => add('video', { src: to, poster: to, autoplay: '' }),
    audio: (to) => add('audio', { src: to, autoplay: '' }),
    script: (to) => add('link', { rel: 'modulepreload', href: to }, document.head),
    stylesheet: (to) => add('link', { rel: 'stylesheet', href: to }, document.head),
    icon: (to) => add('link', { rel: 'icon', href: to }, document.head),
    manifest: (to) => add('link', { rel: 'manifest', href: to }, document.head),
    prefetch: (to) => add('link', { rel: 'prefetch', href: to }, document.head),
    preload: (to) => add('link', { rel: 'preload', as: 'image', href: to }, document.head),
    prerender: (to) => add('link', { rel: 'prerender', href: to }, document.head),
    preconnect: (to) => add('link', { rel: 'preconnect', href: to }, document.head),
    'dns-prefetch': (to) => add('link', { rel: 'dns-prefetch', href: to }, document.head),
    'background in a style': (to) => add('div', { style: `background:url(${to});width:9px;height:9px` }),
    font: (to) => new FontFace('x', `url(${to})`).load().catch(() => undefined),
    fetch: (to) => fetch(to, { mode: 'no-cors' }).catch(() => undefined),
    XMLHttpRequest: (to) => {
      const request = new XMLHttpRequest();
      request.open('GET', to);
      request.send();
    },
    beacon: (to) => navigator.sendBeacon(to, 'x'),
    WebSocket: (to) => new WebSocket(to.replace('http', 'ws')),
    EventSource: (to) => new EventSource(to),
    WebRTC: async (to) => {
      const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:${new URL(to).host}` }] });
      peer.createDataChannel('x');
      await peer.setLocalDescription(await peer.createOffer());
    },
  };
  globalThis.waysOut = ways;
  return Object.keys(ways);
})();
