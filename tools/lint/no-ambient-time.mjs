/**
 * `new Date()` and `Date()` read the machine's clock. Library and service code is given its time (house law: time,
 * randomness, ids, keys and fetch come in through Deps); `new Date(value)` only converts, and stays.
 */
const message = 'reads the clock: take the time from Deps (`now`)'

const noAmbientTime = {
  create(context) {
    const isDate = (node) => node.callee.type === 'Identifier' && node.callee.name === 'Date'
    return {
      NewExpression(node) {
        if (isDate(node) && node.arguments.length === 0) context.report({ node, message })
      },
      CallExpression(node) {
        if (isDate(node)) context.report({ node, message })
      },
    }
  },
}

export default {
  meta: { name: 'house' },
  rules: { 'no-ambient-time': noAmbientTime },
}
