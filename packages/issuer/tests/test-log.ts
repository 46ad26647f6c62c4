import { createMemorySigner, generateSigningKey, type Signer } from '@arc3088/records'
import {
  EMPTY_ROOT,
  formatAddCheckpoint,
  hashLeaf,
  hashNode,
  signCheckpoint,
  type Hash,
  type NoteSigner,
} from '@arc3088/tlog'

import { createLogSigner } from '../src/index.ts'

/** A log in memory, its tree written from the definitions of RFC 9162 rather than from the code under test. */
export interface TestLog {
  readonly origin: string
  readonly vkey: string
  readonly signer: NoteSigner
  /** A signed checkpoint of the first `size` leaves. */
  checkpoint(size: number): Promise<string>
  root(size: number): Hash
  proof(from: number, to: number): Hash[]
  /** The body of a request that leads from one size to the other. */
  request(from: number, to: number): Promise<string>
  /** The same log, with the same key, that shows other leaves from there on. */
  fork(from: number, name: string): TestLog
}

/** A key of Ed25519, as `tlog.jwk.json` holds one. */
export async function newLogKey(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('Ed25519')
  return await createMemorySigner({ alg: 'Ed25519', privateJwk })
}

/** The log of an entity: leaf n is `leaf n`. */
export function createTestLog(entityId: string, key: Signer): TestLog {
  return logOf(createLogSigner(entityId, key), (index) => `leaf ${index}`)
}

function logOf(signer: NoteSigner, leaf: (index: number) => string): TestLog {
  const range = (from: number, to: number): Hash[] =>
    Array.from({ length: to - from }, (_, nth) => hashLeaf(new TextEncoder().encode(leaf(from + nth))))
  const root = (size: number) => treeHash(range(0, size))
  const checkpoint = (size: number) => signCheckpoint({ origin: signer.name, size, root: root(size) }, signer)
  const proof = (from: number, to: number) =>
    from === 0 || from === to ? [] : subproof(from, range(0, to), true)
  return {
    origin: signer.name,
    vkey: signer.vkey,
    signer,
    checkpoint,
    root,
    proof,
    async request(from, to) {
      return formatAddCheckpoint({ oldSize: from, proof: proof(from, to), checkpoint: await checkpoint(to) })
    },
    fork: (from, name) => logOf(signer, (index) => (index < from ? leaf(index) : `${name} ${index}`)),
  }
}

/** RFC 9162 2.1.1. */
function treeHash(leaves: readonly Hash[]): Hash {
  const [first] = leaves
  if (first === undefined) return EMPTY_ROOT
  if (leaves.length === 1) return first
  const split = splitOf(leaves.length)
  return hashNode(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)))
}

/** RFC 9162 2.1.4.1, SUBPROOF. */
function subproof(size: number, leaves: readonly Hash[], isWhole: boolean): Hash[] {
  if (size === leaves.length) return isWhole ? [] : [treeHash(leaves)]
  const split = splitOf(leaves.length)
  return size <= split
    ? [...subproof(size, leaves.slice(0, split), isWhole), treeHash(leaves.slice(split))]
    : [...subproof(size - split, leaves.slice(split), false), treeHash(leaves.slice(0, split))]
}

/** The largest power of two below it. */
function splitOf(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}
