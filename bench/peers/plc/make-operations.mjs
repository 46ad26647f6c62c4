/**
 * `node make-operations.mjs COUNT FILE`: signed genesis operations, each of an identifier of its own, a line
 * `did TAB length TAB json` each. One key for all, of P-256: the directory verifies it by WebCrypto,
 * ten times as fast as the other kind that it knows.
 */
import { writeFileSync } from 'node:fs'
import process from 'node:process'

import { EcdsaKeypair } from '@atproto/crypto'
import { createOp } from '@did-plc/lib'

const [count, file] = process.argv.slice(2)
const signer = await EcdsaKeypair.create()
const lines = []
for (let nth = 0; nth < Number(count); nth++) {
  const { op, did } = await createOp({
    signingKey: signer.did(),
    rotationKeys: [signer.did()],
    handle: `agent-${nth}.example`,
    pds: 'https://pds.example',
    signer,
  })
  const json = JSON.stringify(op)
  lines.push(`${did}\t${json.length}\t${json}\n`)
}
writeFileSync(file, lines.join(''))
