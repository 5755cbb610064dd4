const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);

/** Time and chance come from EngineDeps, so that tests can move them. @type {import('eslint').Rule.RuleModule} */
export const clockLaw = {
  meta: { type: 'problem', schema: [], messages: { time: 'Clock law: {{what}} is for core/clock.ts; take it from EngineDeps' } },
  create(context) {
    const report = (node, what) => context.report({ node, messageId: 'time', data: { what } });
    return {
      CallExpression(node) {
        const { callee } = node;
        if (callee.type === 'Identifier' && TIMERS.has(callee.name)) report(node, callee.name);
        if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return;
        const name = `${callee.object.name}.${callee.property.name}`;
        if (name === 'Date.now' || name === 'Math.random' || name === 'performance.now') report(node, name);
      },
      NewExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) report(node, 'new Date()');
      },
    };
  },
};
