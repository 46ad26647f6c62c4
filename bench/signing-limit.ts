import { generateKeyPairSync, sign } from 'node:crypto'

/**
 * How many ES256 signatures one thread makes of these texts by node:crypto, a second: no service that signs each record
 * on one thread can be faster. The key is given alone: where it comes within options, half as many are made.
 */
export function es256PerSecond(texts: readonly string[], milliseconds: number): number {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const inputs = texts.map((text) => Buffer.from(text, 'latin1'))
  const from = performance.now()
  let made = 0
  let until = from
  while (until - from < milliseconds) {
    for (const input of inputs) {
      sign('sha256', input, key)
      made++
    }
    until = performance.now()
  }
  return made / ((until - from) / 1000)
}
