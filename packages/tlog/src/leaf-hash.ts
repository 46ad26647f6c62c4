import { sha256, sha256Into } from '#sha256'

/** A node of the tree: 32 bytes. */
export type Hash = Uint8Array

export const HASH_BYTES = 32

/** 2^53 - 1: the largest size and index that a number holds exactly. */
export const TREE_SIZE_MAX = Number.MAX_SAFE_INTEGER

/** The root of the tree without leaves, SHA-256 of nothing (RFC 9162 2.1.1). Not to be written to. */
export const EMPTY_ROOT: Hash = sha256(new Uint8Array(0))

/** What a leaf's message begins with. */
export const LEAF_PREFIX = 0x00
const NODE_PREFIX = 0x01

/** SHA-256(0x00 || entry): the leaf for an entry (RFC 9162 2.1.1). The prefix keeps leaves and nodes apart. */
export function hashLeaf(entry: Uint8Array): Hash {
  const message = new Uint8Array(1 + entry.length)
  message[0] = LEAF_PREFIX
  message.set(entry, 1)
  return sha256(message)
}

/** SHA-256(0x01 || left || right): the parent of two nodes (RFC 9162 2.1.1). */
export function hashNode(left: Hash, right: Hash): Hash {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) throw new Error('a node has 32 bytes')
  nodeMessage.set(left, 1)
  nodeMessage.set(right, 1 + HASH_BYTES)
  return sha256(nodeMessage)
}

/** Writes the parents of `pairs` pairs, which stand one after the other in `source`, into `target`; both may be one. */
export function hashPairsInto(source: Uint8Array, pairs: number, target: Uint8Array): void {
  for (let pair = 0; pair < pairs; pair += 1) {
    nodeMessage.set(source.subarray(pair * 2 * HASH_BYTES, (pair + 1) * 2 * HASH_BYTES), 1)
    sha256Into(nodeMessage, target, pair * HASH_BYTES)
  }
}

// One for all: hashing is synchronous and keeps no message.
const nodeMessage = new Uint8Array(1 + 2 * HASH_BYTES)
nodeMessage[0] = NODE_PREFIX

export function isHash(value: unknown): value is Hash {
  return value instanceof Uint8Array && value.length === HASH_BYTES
}

/** Roots and proofs are public: nothing is given away by the time this takes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

/** A number that can be a size or an index of a tree. */
export function isTreeNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
