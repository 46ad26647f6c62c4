import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'

import {
  EntityId,
  makeRootSigningRequest,
  rootKeySetHash,
  type RootKeySet,
  type VerifiedRootKeySet,
} from '@arc3088/records'

import { writeAnswer } from '../answers.ts'
import { defineCommand, noArguments, required } from '../command.ts'
import { readInstant } from '../evidence/read-evidence-file.ts'
import { Refusal, UsageError } from '../failure.ts'
import { writeNewFile } from '../keys/key-files.ts'
import { describeRequest } from './describe-request.ts'
import { nextKeySet } from './next-key-set.ts'
import { openLedger } from './nonce-ledger.ts'
import { fingerprintOf, ledgersBeside, readKeySetsFile, readPublicKeys } from './signing-files.ts'

const SECONDS_A_DAY = 86_400
const DAYS_DEFAULT = 365
/** Wire-format W1. */
const DAYS_MAX = 400
const NONCE_BYTES = 32
/** The set holds from a little before it was asked for: a verifier's clock may be behind. */
const BACKDATED_SECONDS = 60
const PUBLIC_MODE = 0o644

/**
 * `root request`: the file that asks the holders of root keys for the next key set. Its nonce is noted beside the key
 * sets, and is answered for once. No private key is needed, and none is read but for its public half.
 */
export const request = defineCommand(
  {
    sets: { type: 'string' },
    out: { type: 'string' },
    'entity-id': { type: 'string' },
    'root-key': { type: 'string', multiple: true, default: [] },
    'federation-key': { type: 'string', multiple: true, default: [] },
    drop: { type: 'string', multiple: true, default: [] },
    threshold: { type: 'string' },
    days: { type: 'string', default: String(DAYS_DEFAULT) },
    from: { type: 'string' },
  },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const sets = required(values.sets, 'sets')
    const out = required(values.out, 'out')
    if (existsSync(out)) throw new Refusal('file-exists', `${out} is there already; nothing was written`)
    const now = Math.floor(terminal.now().getTime() / 1000)
    const nbf = values.from === undefined ? now - BACKDATED_SECONDS : readInstant(values.from, '--from')
    const before = (await readKeySetsFile(sets)).at(-1)
    const claims = nextKeySet(await standing(before, values['entity-id']), {
      rootKeys: (await Promise.all(values['root-key'].map(readPublicKeys))).flat(),
      federationKeys: (await Promise.all(values['federation-key'].map(readPublicKeys))).flat(),
      drop: values.drop,
      threshold: values.threshold === undefined ? undefined : wholeNumber(values.threshold, 'threshold', 32),
      nbf,
      exp: nbf + wholeNumber(values.days, 'days', DAYS_MAX) * SECONDS_A_DAY,
    })
    const made = await make(before, claims, now)
    const set = await rootKeySetHash({ payload: made.payload, signatures: [] })
    openLedger(ledgersBeside(sets).made).note({
      nonce: made.nonce,
      request: made.digest,
      iss: claims.iss,
      seq: claims.seq,
      set,
      at: new Date(now * 1000).toISOString(),
    })
    writeNewFile(out, `${JSON.stringify(made)}\n`, PUBLIC_MODE)
    const fingerprint = fingerprintOf(made.digest)
    const { iss, seq } = claims
    const text = `${describeRequest({ kind: 'read', request: made, claims })}\n\n${out} goes to the holders of root keys; tell them the fingerprint by another way.`
    const json = { iss, seq, nonce: made.nonce, fingerprint, file: out }
    return await writeAnswer({ json, text, exitCode: 0 }, values.json, terminal)
  },
)

async function standing(before: VerifiedRootKeySet | undefined, entityId: string | undefined) {
  if (before !== undefined) return { claims: before.claims, hash: await rootKeySetHash(before.jws) }
  if (entityId === undefined || !EntityId.safeParse(entityId).success)
    throw new UsageError('--entity-id: an origin, as https://root.example; there is no key set yet')
  return { entityId }
}

async function make(before: VerifiedRootKeySet | undefined, claims: RootKeySet, now: number) {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url')
  try {
    return await makeRootSigningRequest({ nonce, made_at: now, before: before?.jws ?? null }, claims)
  } catch (error) {
    if (error instanceof TypeError) throw new Refusal('key-set-unsound', error.message)
    throw error
  }
}

function wholeNumber(text: string, option: string, max: number): number {
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (number < 1 || number > max) throw new UsageError(`--${option}: 1 to ${max}`)
  return number
}
