import { createMemorySigner, decodeBase64url, generateSigningKey, type LogMetadata } from '@arc3088/records'
import {
  appendSignature,
  cosignCheckpoint,
  createNoteSigner,
  EMPTY_ROOT,
  hashLeaf,
  parseNote,
  signCheckpoint,
  type NoteSigner,
} from '@arc3088/tlog'
import { expect, test } from 'vitest'

import { readCheckpoint } from './checkpoint-standing.ts'

const ORIGIN = 'node.example/tlog'

async function newSigner(name: string, algorithm: 1 | 4): Promise<NoteSigner> {
  const { privateJwk, publicJwk } = await generateSigningKey('Ed25519')
  const key = await createMemorySigner({ alg: 'Ed25519', privateJwk })
  const publicKey = decodeBase64url(publicJwk.x)
  if (publicKey === undefined) throw new Error('no key')
  return createNoteSigner({ name, publicKey, algorithm, sign: (message) => key.sign(message) })
}

const log = await newSigner(ORIGIN, 1)
const witness = await newSigner('root.example', 4)
const METADATA: LogMetadata = {
  url: 'https://node.example/tlog/',
  origin: ORIGIN,
  vkeys: [log.vkey],
  witnesses: [{ vkey: witness.vkey, url: 'https://root.example/' }],
  quorum: 1,
}
const note = await signCheckpoint({ origin: ORIGIN, size: 1, root: hashLeaf(Uint8Array.of(1)) }, log)

test('a checkpoint that its witnesses have seen is verified', async () => {
  const cosigned = appendSignature(
    note,
    await cosignCheckpoint(parseNote(note)?.body ?? '', witness, 1_790_000_000),
  )
  const { standing } = await readCheckpoint(cosigned, METADATA)
  expect(standing).toEqual({
    kind: 'verified',
    witnesses: ['root.example'],
    witnessedAt: 1_790_000_000,
  })
})

test('one that they have not seen, though the anchor asks for it, is not', async () => {
  expect((await readCheckpoint(note, METADATA)).standing.kind).toBe('unwitnessed')
  expect((await readCheckpoint(note, { ...METADATA, quorum: 0 })).standing.kind).toBe('verified')
  expect((await readCheckpoint(note, undefined)).standing.kind).toBe('unknown')
})

test('of an empty log there is nothing to witness', async () => {
  const empty = await signCheckpoint({ origin: ORIGIN, size: 0, root: EMPTY_ROOT }, log)
  expect((await readCheckpoint(empty, METADATA)).standing.kind).toBe('verified')
})
