import { z } from 'zod'

import { Base64urlSha256, EntityId, NumericDate, Sha256Digest, SubjectText } from './claims.ts'
import { jcsDigest, type Sha256Digest as Digest } from './digest.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Lifetime of a directory page (W10). */
export const DIRECTORY_LIFETIME_SECONDS = 3600
/** How long a page may be cached (W10). */
export const DIRECTORY_TTL_SECONDS = 60
/** Largest page read. */
export const DIRECTORY_BYTES_MAX = 1_048_576
/** Entries of one page. */
export const DIRECTORY_PAGE_ENTRIES_MAX = 1000
const PAGES_MAX = 65_536

/** One provider of the directory (W10). Whoever was a provider once stays in it. */
export const DirectoryEntry = z.object({
  code: SubjectText,
  code_prefix: SubjectText,
  /** The entity that the code was given to. */
  entity_id: EntityId,
  kind: z.enum(['domestic', 'overseas']),
  state: z.enum(['active', 'suspended', 'retired']),
  state_since: NumericDate,
  /** Identity (W0) of the assignment record. */
  assignment_hash: Base64urlSha256,
})
export type DirectoryEntry = z.infer<typeof DirectoryEntry>

/**
 * A page of the directory of every provider ever assigned (W10), by code. `digest` is over all pages of this `seq`
 * ({@link directoryDigest}), so that pages of two states of the directory are never taken for one.
 */
export const DirectoryPage = z.object({
  iss: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  /** Seconds. */
  ttl: z.int().min(1).max(DIRECTORY_LIFETIME_SECONDS),
  /** Grows when what is listed changes, and only then; a reader remembers it and takes no lower one. */
  seq: z.int().min(1),
  /** {@link directoryHash} of the directory before; null in the first. */
  prev: Base64urlSha256.nullable(),
  pages: z.int().min(1).max(PAGES_MAX),
  /** From 1. */
  page: z.int().min(1).max(PAGES_MAX),
  digest: Sha256Digest,
  entries: z.array(DirectoryEntry).max(DIRECTORY_PAGE_ENTRIES_MAX),
})
export type DirectoryPage = z.infer<typeof DirectoryPage>

/** Digest of one page: of the JCS form of its entries. */
export async function directoryPageDigest(entries: readonly DirectoryEntry[]): Promise<Digest> {
  return await jcsDigest(entries)
}

/** Digest of a directory: of the JCS form of the digests of all its pages, in order. */
export async function directoryDigest(pageDigests: readonly Digest[]): Promise<Digest> {
  return await jcsDigest(pageDigests)
}

/** Identity of a state of the directory in `prev` and in the log: base64url SHA-256 of the JCS form of {digest, prev, seq}. */
export async function directoryHash({
  seq,
  prev,
  digest,
}: Pick<DirectoryPage, 'seq' | 'prev' | 'digest'>): Promise<string> {
  return (await jcsDigest({ seq, prev, digest })).slice('sha-256:'.length)
}

function fault({ iat, exp, seq, prev, pages, page, entries }: DirectoryPage): Rejected | undefined {
  if (exp <= iat) return rejected('claims-invalid', 'exp is not after iat')
  if (exp - iat > DIRECTORY_LIFETIME_SECONDS)
    return rejected('lifetime-too-long', `a page lives ${DIRECTORY_LIFETIME_SECONDS} s at most`)
  if ((seq === 1) !== (prev === null))
    return rejected('claims-invalid', 'prev is null in the first directory and only there')
  if (page > pages) return rejected('claims-invalid', 'there is no such page')
  if (page < pages && entries.length === 0)
    return rejected('claims-invalid', 'a page before the last one is empty')
  return new Set(entries.map(({ code_prefix: prefix }) => prefix)).size === entries.length
    ? undefined
    : rejected('claims-invalid', 'a provider stands twice on the page')
}

const document = defineDocument({
  typ: TYP.directory,
  schema: DirectoryPage,
  bytesMax: DIRECTORY_BYTES_MAX,
  fault,
})
export const signDirectoryPage = document.sign
export const readDirectoryPage = document.read
export const verifyDirectoryPage = document.verify
