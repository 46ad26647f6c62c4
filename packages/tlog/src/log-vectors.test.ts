import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import {
  decodeNoteText,
  EMPTY_EDGE,
  formatAddCheckpoint,
  formatCheckpoint,
  formatTlogProof,
  formatVkey,
  growTree,
  hashLeaf,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  parseTilePath,
  parseTlogProof,
  parseVkey,
  rootOf,
  sha256,
  tilePath,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
  verifyTlogProof,
  verifyWitnessed,
  type TileAddress,
  type VerifierKey,
} from './index.ts'

const folder = new URL('../../../vectors/log/', import.meta.url)

interface Named {
  readonly name: string
}

function casesOf<T>(path: string): (readonly [string, T & Named])[] {
  const { cases } = JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as { cases: (T & Named)[] }
  if (cases.length === 0) throw new Error(`${path} is empty`)
  return cases.map((each) => [each.name, each] as const)
}

const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

const leaves = Array.from({ length: 131_073 }, (_, index) => hashLeaf(new TextEncoder().encode(`${index}`)))

function keyOf(vkey: string): VerifierKey {
  const key = parseVkey(vkey)
  if (key === undefined) throw new Error(`${vkey} is no key`)
  return key
}

describe('the trees of Go', () => {
  test.each(casesOf<{ size: number; root: string }>('valid/roots.json'))(
    'have the root of ours: %s',
    (_, { size, root }) => {
      expect(treeRoot(leaves.slice(0, size))).toEqual(bytes(root))
      expect(growTree(EMPTY_EDGE, leaves.slice(0, size)).root).toEqual(bytes(root))
    },
  )

  test.each(
    casesOf<{ from: number; to: number; tiles: { path: string; sha256: string }[] }>('valid/growth.json'),
  )('have the tiles of ours: %s', (_, { from, to, tiles }) => {
    const grown = growTree(growTree(EMPTY_EDGE, leaves.slice(0, from)).edge, leaves.slice(from, to))
    const ours = grown.tiles.map((tile) => ({
      path: tilePath(tile),
      sha256: Buffer.from(sha256(tile.data)).toString('hex'),
    }))
    expect(ours).toEqual(tiles)
    expect(rootOf(grown.edge)).toEqual(treeRoot(leaves.slice(0, to)))
  })
})

describe('tile paths', () => {
  test.each(casesOf<TileAddress & { path: string }>('valid/tile-paths.json'))(
    'are read and written: %s',
    (_, { level, index, width, path }) => {
      expect(tilePath({ level, index, width })).toBe(path)
      expect(parseTilePath(path)).toEqual({ level, index, width })
    },
  )

  test.each(casesOf<{ path: string }>('refused/tile-paths.json'))('are refused: %s', (_, { path }) => {
    expect(parseTilePath(path)).toBeUndefined()
  })
})

describe('proofs', () => {
  interface Inclusion {
    readonly leaf: string
    readonly index: number
    readonly size: number
    readonly root: string
    readonly proof: string[]
  }
  const inclusion = ({ leaf, index, size, root, proof }: Inclusion): boolean =>
    verifyInclusion({ leaf: bytes(leaf), index, size, root: bytes(root), proof: proof.map(bytes) })

  test.each(casesOf<Inclusion>('valid/inclusion.json'))('of inclusion verify: %s', (_, claim) => {
    expect(inclusion(claim)).toBe(true)
  })
  test.each(casesOf<Inclusion>('refused/inclusion.json'))('of inclusion do not verify: %s', (_, claim) => {
    expect(inclusion(claim)).toBe(false)
  })

  interface Consistency {
    readonly fromSize: number
    readonly fromRoot: string
    readonly toSize: number
    readonly toRoot: string
    readonly proof: string[]
  }
  const consistency = ({ fromSize, fromRoot, toSize, toRoot, proof }: Consistency): boolean =>
    verifyConsistency({
      fromSize,
      fromRoot: bytes(fromRoot),
      toSize,
      toRoot: bytes(toRoot),
      proof: proof.map(bytes),
    })

  test.each(casesOf<Consistency>('valid/consistency.json'))('of consistency verify: %s', (_, claim) => {
    expect(consistency(claim)).toBe(true)
  })
  test.each(casesOf<Consistency>('refused/consistency.json'))(
    'of consistency do not verify: %s',
    (_, claim) => {
      expect(consistency(claim)).toBe(false)
    },
  )
})

describe('verifier keys', () => {
  test.each(
    casesOf<{ vkey: string; keyName: string; algorithm: number; publicKey: string }>('valid/vkeys.json'),
  )('are read and written: %s', (_, { vkey, keyName, algorithm, publicKey }) => {
    const key = keyOf(vkey)
    expect(key).toMatchObject({ name: keyName, algorithm, publicKey: bytes(publicKey) })
    expect(formatVkey(key)).toBe(vkey)
  })
  test.each(casesOf<{ vkey: string }>('refused/vkeys.json'))('are refused: %s', (_, { vkey }) => {
    expect(parseVkey(vkey)).toBeUndefined()
  })
})

describe('notes', () => {
  interface NoteCase {
    readonly vkey: string
    readonly text: string
    readonly reason?: string
  }
  test.each(casesOf<NoteCase>('valid/notes.json'))('are opened: %s', async (_, { vkey, text }) => {
    const note = parseNote(text)
    expect(note).toBeDefined()
    expect(note !== undefined && (await verifyNote(note, keyOf(vkey)))).toBe(true)
    expect(decodeNoteText(new TextEncoder().encode(text))).toBe(text)
  })
  test.each(casesOf<NoteCase>('refused/notes.json'))('are refused: %s', async (_, { vkey, text, reason }) => {
    const note = parseNote(text)
    const refusal = note === undefined ? 'note-malformed' : 'signature-invalid'
    expect(refusal).toBe(reason)
    expect(note !== undefined && (await verifyNote(note, keyOf(vkey)))).toBe(false)
  })
})

describe('checkpoints', () => {
  interface CheckpointCase {
    readonly body: string
    readonly origin: string
    readonly size: number
    readonly root: string
    readonly extensionLines: string[]
  }
  /** Such as we make: no extension lines, no space in the origin. */
  const isOurs = ({ extensionLines, origin }: CheckpointCase): boolean =>
    extensionLines.length === 0 && !origin.includes(' ')

  test.each(casesOf<CheckpointCase>('valid/checkpoints.json'))('are read: %s', (_, each) => {
    const { body, origin, size, root, extensionLines } = each
    expect(parseCheckpoint(body)).toEqual({ origin, size, root: bytes(root), extensionLines })
  })
  test.each(casesOf<CheckpointCase>('valid/checkpoints.json').filter(([, each]) => isOurs(each)))(
    'are written: %s',
    (_, { body, origin, size, root }) => {
      expect(formatCheckpoint({ origin, size, root: bytes(root) })).toBe(body)
    },
  )
  test.each(casesOf<{ body: string }>('refused/checkpoints.json'))('are refused: %s', (_, { body }) => {
    expect(parseCheckpoint(body)).toBeUndefined()
  })
})

describe('witnessed checkpoints', () => {
  interface WitnessedCase {
    readonly note: string
    readonly origin: string
    readonly logKeys: string[]
    readonly witnesses: string[] | null
    readonly quorum: number
    readonly witnessedAt?: number | null
    readonly reason?: string
  }
  const verify = async ({ note, origin, logKeys, witnesses, quorum }: WitnessedCase) =>
    await verifyWitnessed({
      noteText: note,
      origin,
      logKeys: logKeys.map(keyOf),
      policy: { witnesses: (witnesses ?? []).map(keyOf), quorum },
    })

  test.each(casesOf<WitnessedCase>('valid/witnessed.json'))('count: %s', async (_, each) => {
    expect(await verify(each)).toMatchObject({
      kind: 'witnessed',
      witnessedAt: each.witnessedAt ?? undefined,
    })
  })
  test.each(casesOf<WitnessedCase>('refused/witnessed.json'))('do not count: %s', async (_, each) => {
    expect(await verify(each)).toMatchObject({ kind: 'rejected', reason: each.reason })
  })
})

describe('offline proofs', () => {
  interface ProofCase {
    readonly text: string
    readonly leaf: string
    readonly origin: string
    readonly logKeys: string[]
    readonly witnesses: string[]
    readonly quorum: number
    readonly index?: number
    readonly extra?: string
    readonly reason?: string
  }
  const verify = async ({ text, leaf, origin, logKeys, witnesses, quorum }: ProofCase) =>
    await verifyTlogProof({
      proofText: text,
      leaf: bytes(leaf),
      origin,
      logKeys: logKeys.map(keyOf),
      policy: { witnesses: witnesses.map(keyOf), quorum },
    })

  test.each(casesOf<ProofCase>('valid/tlog-proofs.json'))('verify: %s', async (_, each) => {
    const proof = parseTlogProof(each.text)
    expect(proof?.extra).toEqual(each.extra === undefined ? undefined : bytes(each.extra))
    expect(proof === undefined ? undefined : formatTlogProof(proof)).toBe(each.text)
    expect(await verify(each)).toMatchObject({ kind: 'witnessed', index: each.index })
  })
  test.each(casesOf<ProofCase>('refused/tlog-proofs.json'))('do not verify: %s', async (_, each) => {
    expect(await verify(each)).toMatchObject({ kind: 'rejected', reason: each.reason })
  })
})

describe('bodies of add-checkpoint', () => {
  test.each(
    casesOf<{ body: string; oldSize: number; proof: string[]; checkpoint: string }>(
      'valid/add-checkpoints.json',
    ),
  )('are read and written: %s', (_, { body, oldSize, proof, checkpoint }) => {
    const parsed = parseAddCheckpoint(body)
    expect(parsed).toEqual({ oldSize, proof: proof.map(bytes), checkpoint })
    expect(parsed === undefined ? undefined : formatAddCheckpoint(parsed)).toBe(body)
  })
  test.each(casesOf<{ body: string }>('refused/add-checkpoints.json'))('are refused: %s', (_, { body }) => {
    expect(parseAddCheckpoint(body)).toBeUndefined()
  })
})
