import { existsSync } from 'node:fs'

import {
  rootKeySetHash,
  verifyRootKeySet,
  verifyRootSigningAnswer,
  type GeneralJws,
  type ReadRootSigningRequest,
  type RootKeySetJws,
  type VerifiedRootKeySet,
} from '@arc3088/records'

import { writeAnswer } from '../answers.ts'
import { defineCommand, required } from '../command.ts'
import { Refusal, UsageError } from '../failure.ts'
import { readText, writeNewFile } from '../keys/key-files.ts'
import { setBefore } from './describe-request.ts'
import { openLedger } from './nonce-ledger.ts'
import { ledgersBeside, readKeySetsFile, readRequestFile } from './signing-files.ts'

const PUBLIC_MODE = 0o644

/**
 * `root assemble`: puts the answers to a request together with the key sets so far, verifies the whole as any verifier
 * would, and writes it. A request that was not made here, or was brought to an end before, is refused.
 */
export const assemble = defineCommand(
  { sets: { type: 'string' }, out: { type: 'string' }, pin: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const [requestFile, ...answerFiles] = positionals
    if (requestFile === undefined || answerFiles.length === 0)
      throw new UsageError('name the request and the answers to it')
    const sets = required(values.sets, 'sets')
    const out = required(values.out, 'out')
    const files = values.pin === undefined ? [out] : [out, values.pin]
    const there = files.filter((each) => existsSync(each))
    if (there.length > 0)
      throw new Refusal('file-exists', `${there.join(', ')} there already; nothing was written`)
    const read = await readRequestFile(requestFile)
    const ledgers = ledgersBeside(sets)
    const made = openLedger(ledgers.made).find(read.request.nonce)
    if (made?.request !== read.request.digest)
      throw new Refusal('request-unknown', `${requestFile} is not a request that was made here`)
    const done = openLedger(ledgers.done)
    if (done.find(read.request.nonce) !== undefined)
      throw new Refusal('nonce-used', `${requestFile} was brought to an end before; a nonce never repeats`)

    const known = await readKeySetsFile(sets)
    await demandNotOvertaken(read, known.at(-1))
    const signed = await putTogether(read, answerFiles)
    const next = await verifyNext(signed, known.at(-1), terminal.now())
    writeNewFile(out, `${JSON.stringify([...known.map(({ jws }) => jws), next.jws])}\n`, PUBLIC_MODE)
    if (values.pin !== undefined) writeNewFile(values.pin, `${JSON.stringify(next.jws)}\n`, PUBLIC_MODE)
    // Last: whoever is stopped before it can begin again with the same answers, and comes to the same set.
    done.note({ ...made, at: terminal.now().toISOString() })
    const { iss, seq, threshold } = next.claims
    const json = { iss, seq, threshold, signatures: next.jws.signatures.length, files }
    const text = `key set ${seq} of ${iss}, signed by ${json.signatures} root keys: ${files.join(', ')}`
    return await writeAnswer({ json, text, exitCode: 0 }, values.json, terminal)
  },
)

async function demandNotOvertaken(
  { request }: ReadRootSigningRequest,
  newest: VerifiedRootKeySet | undefined,
): Promise<void> {
  const hashOf = async (jws: RootKeySetJws | null | undefined) =>
    jws === null || jws === undefined ? undefined : await rootKeySetHash(jws)
  if ((await hashOf(request.before)) !== (await hashOf(newest?.jws)))
    throw new Refusal('request-overtaken', 'the key sets have gone on since this was asked')
}

async function putTogether(
  read: ReadRootSigningRequest,
  answerFiles: readonly string[],
): Promise<GeneralJws> {
  const signatures: GeneralJws['signatures'] = []
  const kids = new Set<string>()
  for (const file of answerFiles) {
    const { kid, signature } = await readAnswer(read, file)
    if (kids.has(kid)) throw new Refusal('key-repeated', `${file}: key ${kid} has answered already`)
    kids.add(kid)
    signatures.push(signature)
  }
  return { payload: read.request.payload, signatures }
}

/** An answer to this very request, by a root key of the set or of the one before. */
async function readAnswer(read: ReadRootSigningRequest, file: string) {
  const { request, claims } = read
  const keys = [...claims.root_keys, ...(setBefore(read)?.root_keys ?? [])]
  const verified = await verifyRootSigningAnswer(readText(file).trim(), keys)
  if (verified.kind === 'rejected') throw new Refusal(verified.reason, `${file}: ${verified.detail}`)
  const { nonce, request: digest, signature } = verified.claims
  if (nonce !== request.nonce || digest !== request.digest)
    throw new Refusal('answer-other', `${file} answers another request`)
  return { kid: verified.kid, signature }
}

async function verifyNext(
  signed: GeneralJws,
  before: VerifiedRootKeySet | undefined,
  now: Date,
): Promise<VerifiedRootKeySet> {
  const next = await verifyRootKeySet(signed, before)
  if (next.kind === 'rejected') throw new Refusal(next.reason, `${next.detail}; nothing was written`)
  if (next.claims.exp * 1000 <= now.getTime())
    throw new Refusal('expired', `key set ${next.claims.seq} would be over; nothing was written`)
  return next
}
