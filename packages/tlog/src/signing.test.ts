import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'

import {
  appendSignature,
  cosignCheckpoint,
  createNoteSigner,
  decodeNoteText,
  EMPTY_ROOT,
  formatAddCheckpoint,
  formatCheckpoint,
  formatTlogProof,
  hashLeaf,
  isKeyName,
  NOTE_LENGTH_MAX,
  parseNote,
  parseSignatureLines,
  parseVkey,
  signCheckpoint,
  signNote,
  verifyCosignature,
  verifyNote,
  verifyTlogProof,
  verifyWitnessed,
  type Note,
  type NoteAlgorithm,
  type NoteSigner,
  type VerifierKey,
} from './index.ts'

const ORIGIN = 'log.example/tlog'
const checkpoint = { origin: ORIGIN, size: 1, root: hashLeaf(Uint8Array.of(1)) }
const body = formatCheckpoint(checkpoint)
const cosignatureMessage = new TextEncoder().encode(`cosignature/v1\ntime 1\n${body}`)

async function generate(): Promise<(name: string, algorithm: NoteAlgorithm) => NoteSigner> {
  const keys = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('not a pair')
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey))
  return (name, algorithm) =>
    createNoteSigner({
      name,
      publicKey,
      algorithm,
      sign: async (message) =>
        new Uint8Array(await crypto.subtle.sign('Ed25519', keys.privateKey, new Uint8Array(message))),
    })
}

function keyOf({ vkey }: NoteSigner): VerifierKey {
  const key = parseVkey(vkey)
  if (key === undefined) throw new Error('the signer has no key')
  return key
}

function noteOf(text: string): Note {
  const note = parseNote(text)
  if (note === undefined) throw new Error('not a note')
  return note
}

let log: NoteSigner
let logAsWitness: NoteSigner
let witness: NoteSigner
let signed: string

beforeAll(async () => {
  const [node, other] = await Promise.all([generate(), generate()])
  log = node(ORIGIN, 1)
  logAsWitness = node(ORIGIN, 4)
  witness = other('witness.example', 4)
  signed = await signCheckpoint(checkpoint, log)
})

describe('one key for a log and a witness', () => {
  test('has two key ids', () => {
    expect(log.keyId).not.toEqual(logAsWitness.keyId)
    expect(keyOf(log).publicKey).toEqual(keyOf(logAsWitness).publicKey)
  })

  test('signs no message of the other', async () => {
    await expect(log.sign(cosignatureMessage)).rejects.toThrow('a log signs no cosignature')
    await expect(logAsWitness.sign(new TextEncoder().encode(body))).rejects.toThrow('a witness nothing else')
    await expect(signNote('cosignature/v1\ntime 1\n', [log])).rejects.toThrow('a log signs no cosignature')
    await expect(signNote(body, [witness])).rejects.toThrow('does not sign notes')
    await expect(cosignCheckpoint(body, log, 1)).rejects.toThrow('does not cosign')
  })

  test('makes lines that do not count for each other', async () => {
    const cosigned = appendSignature(signed, await cosignCheckpoint(body, logAsWitness, 1_790_000_000))
    expect(await verifyNote(noteOf(cosigned), keyOf(log))).toBe(true)
    expect(await verifyNote(noteOf(cosigned), keyOf(logAsWitness))).toBe(false)
    expect(await verifyCosignature(noteOf(cosigned), keyOf(log))).toBeUndefined()
    expect(await verifyCosignature(noteOf(cosigned), keyOf(logAsWitness))).toEqual({
      timestamp: 1_790_000_000,
    })
  })

  test('leaves no origin that is the header of a cosignature', () => {
    expect(() => formatCheckpoint({ ...checkpoint, origin: 'cosignature/v1' })).toThrow('origin')
  })
})

describe('a checkpoint', () => {
  test.each(['', 'two words', 'a+b', 'a\nb', 'a\tb', '\u{D800}', 'o'.repeat(256)])(
    'is not made of the origin %j',
    (origin) => {
      expect(() => formatCheckpoint({ ...checkpoint, origin })).toThrow('origin')
    },
  )

  test('is not made of a size or a root that no tree has', () => {
    expect(() => formatCheckpoint({ ...checkpoint, size: -1 })).toThrow('no size')
    expect(() => formatCheckpoint({ ...checkpoint, size: 2 ** 53 })).toThrow('no size')
    expect(() => formatCheckpoint({ ...checkpoint, size: 0 })).toThrow('root of no tree')
    expect(() => formatCheckpoint({ ...checkpoint, root: new Uint8Array(31) })).toThrow('root of no tree')
    expect(formatCheckpoint({ ...checkpoint, size: 0, root: EMPTY_ROOT })).toContain('\n0\n')
  })

  test('is cosigned with the extension lines that others put there', async () => {
    const extended = `${body}extension\n`
    const text = appendSignature(
      await signNote(extended, [log]),
      await cosignCheckpoint(extended, witness, 5),
    )
    expect(await verifyCosignature(noteOf(text), keyOf(witness))).toEqual({ timestamp: 5 })
  })

  test.each([0, -1, 1.5, 2 ** 53, Number.NaN])('is not cosigned at %d', async (timestamp) => {
    await expect(cosignCheckpoint(body, witness, timestamp)).rejects.toThrow('timestamp')
  })

  test('is all that a witness cosigns', async () => {
    await expect(cosignCheckpoint('hello\n', witness, 1)).rejects.toThrow('only a checkpoint')
  })
})

describe('a note', () => {
  test('takes signature lines once, and nothing else', async () => {
    const line = await cosignCheckpoint(body, witness, 5)
    const once = appendSignature(signed, line)
    expect(once).toBe(signed + line)
    expect(appendSignature(once, line + line)).toBe(once)
    expect(() => appendSignature(signed, 'hello\n')).toThrow('signature lines')
    expect(() => appendSignature(signed, line.trimEnd())).toThrow('signature lines')
    expect(() => appendSignature(body, line)).toThrow('not a note')
    const lines = Array.from({ length: 100 }, (_, at) => line.replace('witness', `w${at}`)).join('')
    expect(parseSignatureLines(lines)).toHaveLength(100)
    expect(() => appendSignature(signed, lines)).toThrow('longer than a note may be')
  })

  test('is not made of a text that would not be read again', async () => {
    await expect(signNote('no newline', [log])).rejects.toThrow('cannot be that of a note')
    await expect(signNote('a\u0000b\n', [log])).rejects.toThrow('cannot be that of a note')
    await expect(signNote('lone \u{D800}\n', [log])).rejects.toThrow('cannot be that of a note')
    await expect(signNote(body, [])).rejects.toThrow('cannot be that of a note')
  })

  test('longer than the bound is not read', () => {
    expect(parseNote('x'.repeat(NOTE_LENGTH_MAX - signed.length) + signed)).toBeDefined()
    expect(parseNote('x'.repeat(NOTE_LENGTH_MAX - signed.length + 1) + signed)).toBeUndefined()
  })

  test('has one text for its bytes', () => {
    expect(decodeNoteText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
    expect(decodeNoteText(Uint8Array.of(0x61, 0xff))).toBeUndefined()
    expect(decodeNoteText(Uint8Array.of(0xc0, 0x8a))).toBeUndefined()
    expect(decodeNoteText(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined()
  })

  test('of a key that is no point of the curve does not verify', async () => {
    const nonsense = { ...keyOf(log), publicKey: new Uint8Array(32).fill(0xff) }
    expect(await verifyNote(noteOf(signed), nonsense)).toBe(false)
    expect(await verifyNote(noteOf(signed), { ...keyOf(log), publicKey: new Uint8Array(3) })).toBe(false)
  })
})

describe('a signer', () => {
  test('is not made of a name or key of the wrong shape', () => {
    const sign = async () => await Promise.resolve(new Uint8Array(64))
    const publicKey = new Uint8Array(32)
    expect(() => createNoteSigner({ name: 'a b', publicKey, algorithm: 1, sign })).toThrow('key name')
    expect(() => createNoteSigner({ name: 'a', publicKey: new Uint8Array(31), algorithm: 1, sign })).toThrow(
      '32 bytes',
    )
    expect(isKeyName('log.example/tlog')).toBe(true)
  })

  test('gives no signature that is not its own', async () => {
    const { publicKey } = keyOf(log)
    const signatures = [new Uint8Array(63), new Uint8Array(64), await witness.sign(cosignatureMessage)]
    for (const signature of signatures) {
      const sign = async () => await Promise.resolve(signature)
      const wrong = createNoteSigner({ name: 'a', publicKey, algorithm: 1, sign })
      await expect(signNote(body, [wrong])).rejects.toThrow('not that of a')
    }
  })

  test('has a name of any letters, but of 255 bytes at most', () => {
    const sign = async () => await Promise.resolve(new Uint8Array(64))
    const publicKey = new Uint8Array(32)
    const made = createNoteSigner({ name: '日志.example', publicKey, algorithm: 4, sign })
    expect(parseVkey(made.vkey)?.name).toBe('日志.example')
    const long = 'k'.repeat(256)
    expect(() => createNoteSigner({ name: long, publicKey, algorithm: 1, sign })).toThrow('255 bytes')
    expect(isKeyName(long)).toBe(true)
  })
})

describe('a tree of one leaf, proven offline', () => {
  test('stands or falls with every single character', async () => {
    const note = appendSignature(signed, await cosignCheckpoint(body, witness, 7))
    const proofText = formatTlogProof({ index: 0, hashes: [], checkpoint: note })
    const claim = {
      leaf: checkpoint.root,
      origin: ORIGIN,
      logKeys: [keyOf(log)],
      policy: { witnesses: [keyOf(witness)], quorum: 1 },
    }
    expect(await verifyTlogProof({ ...claim, proofText })).toMatchObject({
      kind: 'witnessed',
      witnessedAt: 7,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: proofText.length - 1 }),
        fc.string({ unit: 'grapheme', minLength: 0, maxLength: 1 }),
        async (at, character) => {
          fc.pre(proofText[at] !== character)
          const altered = proofText.slice(0, at) + character + proofText.slice(at + 1)
          expect((await verifyTlogProof({ ...claim, proofText: altered })).kind).toBe('rejected')
        },
      ),
      { numRuns: 300 },
    )
  })

  test('needs another leaf to be another proof', async () => {
    const proofText = formatTlogProof({ index: 0, hashes: [], checkpoint: signed })
    const claim = { origin: ORIGIN, logKeys: [keyOf(log)], policy: { witnesses: [], quorum: 0 } }
    const verdict = await verifyTlogProof({ ...claim, leaf: hashLeaf(Uint8Array.of(2)), proofText })
    expect(verdict).toMatchObject({ kind: 'rejected', reason: 'inclusion-invalid' })
  })

  test('names all witnesses by time, and none that was not asked for', async () => {
    const names = ['w1.example', 'w2.example', 'w3.example']
    const signers = await Promise.all(names.map(async (name) => (await generate())(name, 4)))
    const lines = await Promise.all(
      signers.map(async (signer, at) => await cosignCheckpoint(body, signer, 10 - at)),
    )
    const noteText = appendSignature(signed, lines.join(''))
    const policy = { witnesses: signers.slice(0, 2).map(keyOf), quorum: 1 }
    const verdict = await verifyWitnessed({ noteText, origin: ORIGIN, logKeys: [keyOf(log)], policy })
    expect(verdict).toMatchObject({
      kind: 'witnessed',
      witnessedAt: 9,
      witnesses: ['w2.example', 'w1.example'],
    })
  })

  test('counts a witness once that is listed with two keys', async () => {
    const signers = await Promise.all([1, 2].map(async () => (await generate())('w1.example', 4)))
    const lines = await Promise.all(
      signers.map(async (signer, at) => await cosignCheckpoint(body, signer, 10 - at)),
    )
    const noteText = appendSignature(signed, lines.join(''))
    const claim = { noteText, origin: ORIGIN, logKeys: [keyOf(log)] }
    const witnesses = signers.map(keyOf)
    expect(await verifyWitnessed({ ...claim, policy: { witnesses, quorum: 2 } })).toMatchObject({
      kind: 'rejected',
      reason: 'quorum-missing',
    })
    expect(await verifyWitnessed({ ...claim, policy: { witnesses, quorum: 1 } })).toMatchObject({
      witnessedAt: 9,
      witnesses: ['w1.example'],
    })
  })
})

test('nothing is written around a checkpoint that is none', () => {
  const proof = { index: 0, hashes: [], checkpoint: signed }
  expect(() => formatTlogProof({ ...proof, checkpoint: body })).toThrow('no signed checkpoint')
  expect(() => formatTlogProof({ ...proof, extra: new Uint8Array(0) })).toThrow('extra')
  expect(() => formatTlogProof({ ...proof, index: -1 })).toThrow('no size or index')
  const hashes = Array.from({ length: 64 }, () => EMPTY_ROOT)
  expect(() => formatTlogProof({ ...proof, hashes })).toThrow('no proof')
  expect(() => formatAddCheckpoint({ oldSize: 0, proof: hashes, checkpoint: signed })).toThrow('no proof')
  expect(() => formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: '' })).toThrow('no signed checkpoint')
})
