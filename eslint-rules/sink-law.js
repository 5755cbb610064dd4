const SERIALISED = new Set(['innerHTML', 'outerHTML']);
const PARSING_PROPERTIES = new Set(['innerHTML', 'outerHTML', 'srcdoc']);
const PARSING_CALLS = new Set([
  ...['insertAdjacentHTML', 'parseFromString', 'createContextualFragment', 'setHTMLUnsafe', 'parseHTMLUnsafe', 'write', 'writeln'],
  ...['createHTML', 'sanitize'],
]);
/** The only places that hand HTML to a parser. */
const SINKS = ['renderer/mail/MessageFrame.svelte', 'renderer/mail/purifier.ts'];
/** The only places that hand something to the purifier. */
const PURIFIED = ['renderer/mail/sanitize.ts', 'renderer/compose/editor-html.ts'];

const nameOf = ({ property, computed }) => (computed ? (property.type === 'Literal' ? String(property.value) : '') : property.name);

/**
 * Between the purifier and the frame of a mail no text is put together: what a serialiser wrote goes there untouched, and from one place
 * only. Anything else could be read otherwise than it was cleaned (mutation XSS). @type {import('eslint').Rule.RuleModule}
 */
export const sinkLaw = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      sink: 'Sink law: {{what}} hands HTML to a parser; only MessageFrame.svelte and purifier.ts may',
      text: 'Sink law: trustCleaned() takes what .innerHTML or .outerHTML gave, and no text made of it',
    },
  },
  create(context) {
    const file = context.filename.replaceAll('\\', '/');
    const isSink = SINKS.some((one) => file.endsWith(one));
    const mayPurify = PURIFIED.some((one) => file.endsWith(one));
    const report = (node, what) => context.report({ node, messageId: 'sink', data: { what } });
    return {
      AssignmentExpression({ left }) {
        if (left.type !== 'MemberExpression' || isSink) return;
        const name = nameOf(left);
        if (PARSING_PROPERTIES.has(name)) report(left, `.${name}`);
      },
      CallExpression(node) {
        const { callee, arguments: given } = node;
        if (callee.type === 'Identifier' && callee.name === 'trustCleaned') {
          const isWritten = given.length === 1 && given[0].type === 'MemberExpression' && SERIALISED.has(nameOf(given[0]));
          if (!isWritten) context.report({ node, messageId: 'text' });
        }
        if (callee.type !== 'MemberExpression' || isSink) return;
        const name = nameOf(callee);
        if (name === 'sanitize' ? !mayPurify : PARSING_CALLS.has(name)) report(node, `${name}()`);
      },
    };
  },
};
