/**
 * Lets all who ask for the same (`keyOf`) in one turn of the event loop share the answer. It is no older for any of them
 * than it is for whoever asked first.
 */
export function oncePerTurn<Question, Value>(
  keyOf: (question: Question) => string,
  ask: (question: Question) => Promise<Value>,
): (question: Question) => Promise<Value> {
  const asked = new Map<string, Promise<Value>>()
  return (question) => {
    const key = keyOf(question)
    const known = asked.get(key)
    if (known !== undefined) return known
    if (asked.size === 0) setImmediate(() => asked.clear())
    const answer = ask(question)
    asked.set(key, answer)
    return answer
  }
}
