import { existsSync } from 'node:fs'

import {
  rootKeySetHash,
  signRootKeySetPart,
  signRootSigningAnswer,
  verifyRootKeySet,
  type ReadRootSigningRequest,
  type Signer,
} from '@arc3088/records'

import { writeAnswer } from '../answers.ts'
import { defineCommand, onlyArgument, required } from '../command.ts'
import { Refusal } from '../failure.ts'
import { readSignerFile, writeNewFile } from '../keys/key-files.ts'
import { describeRequest, setBefore } from './describe-request.ts'
import { judgeAgainstLedger } from './judge-against-ledger.ts'
import { openLedger, type LedgerEntry } from './nonce-ledger.ts'
import { fingerprintOf, ledgerBeside, readRequestFile } from './signing-files.ts'

const PUBLIC_MODE = 0o644

/**
 * `root sign`: answers a request with the signature of one root key. Nothing on this path can reach a network. Says in
 * plain words what would be signed, and signs only for whoever gives the fingerprint, which comes by another way than
 * the file. The nonce is noted beside the key before anything is signed.
 */
export const sign = defineCommand(
  {
    key: { type: 'string' },
    'passphrase-file': { type: 'string' },
    fingerprint: { type: 'string' },
    out: { type: 'string' },
    'instead-of': { type: 'string', multiple: true, default: [] },
  },
  async ({ positionals, values }, terminal) => {
    const file = onlyArgument(positionals, 'request file')
    const keyFile = required(values.key, 'key')
    const read = await readRequestFile(file)
    const signer = await readSignerFile(keyFile, values['passphrase-file'])
    await demandSignable(read, signer)
    const ledger = openLedger(ledgerBeside(keyFile))
    const entry = await entryOf(read, terminal.now())
    judgeAgainstLedger(entry, read.claims.prev, ledger.entries(), values['instead-of'])
    if (read.claims.exp * 1000 <= terminal.now().getTime())
      throw new Refusal('expired', `key set ${read.claims.seq} would be over by this machine's clock`)
    const fingerprint = fingerprintOf(read.request.digest)
    const { iss, seq } = read.claims
    const json = { iss, seq, nonce: entry.nonce, fingerprint, kid: signer.kid }
    const words = `${describeRequest(read)}\nThis key   ${signer.kid}`
    if (values.fingerprint === undefined) {
      const text = `${words}\n\nNothing was signed. Compare the fingerprint with the one you were told, and give it with --fingerprint.`
      return await writeAnswer({ json: { ...json, signed: false }, text, exitCode: 2 }, values.json, terminal)
    }
    const out = required(values.out, 'out')
    if (values.fingerprint.toLowerCase() !== fingerprint)
      throw new Refusal(
        'fingerprint-other',
        'this is not the request that the fingerprint is of; nothing was signed',
      )
    if (existsSync(out)) throw new Refusal('file-exists', `${out} is there already; nothing was signed`)
    ledger.note(entry)
    writeNewFile(out, `${await answer(read, signer, terminal.now())}\n`, PUBLIC_MODE)
    const text = `${words}\n\nSigned: ${out}`
    return await writeAnswer(
      { json: { ...json, signed: true, file: out }, text, exitCode: 0 },
      values.json,
      terminal,
    )
  },
)

/** The set before must stand by itself, and the key be a root key of it or of the one that is asked for. */
async function demandSignable(read: ReadRootSigningRequest, signer: Signer): Promise<void> {
  const { request, claims } = read
  if (request.before !== null) {
    const before = await verifyRootKeySet(request.before)
    if (before.kind === 'rejected') throw new Refusal(before.reason, `the set before: ${before.detail}`)
  }
  const rootKeys = [...claims.root_keys, ...(setBefore(read)?.root_keys ?? [])]
  if (!rootKeys.some(({ kid }) => kid === signer.kid))
    throw new Refusal('key-unknown', `${signer.kid} is no root key of this set, nor of the one before`)
}

async function entryOf({ request, claims }: ReadRootSigningRequest, now: Date): Promise<LedgerEntry> {
  return {
    nonce: request.nonce,
    request: request.digest,
    iss: claims.iss,
    seq: claims.seq,
    set: await rootKeySetHash({ payload: request.payload, signatures: [] }),
    at: now.toISOString(),
  }
}

async function answer(
  { request, claims }: ReadRootSigningRequest,
  signer: Signer,
  now: Date,
): Promise<string> {
  return await signRootSigningAnswer(signer, {
    iss: claims.iss,
    iat: Math.floor(now.getTime() / 1000),
    nonce: request.nonce,
    request: request.digest,
    signature: await signRootKeySetPart(signer, request.payload),
  })
}
