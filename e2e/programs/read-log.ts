import { readFileSync } from 'node:fs'

import { createRegistryClient, fetchDocumentOver } from '@arc3088/client'
import { readAssignmentRecord, recordHash, type Change, type LogMetadata } from '@arc3088/records'
import { parseCheckpoint, parseNote } from '@arc3088/tlog'
import {
  assignEntryFault,
  createEvidenceMemory,
  createProofTools,
  pinAnchor,
  proveEntry,
  trustedLogOf,
} from '@arc3088/trust'
import { waitFor } from '@arc3088/testkit'

const CONNECTIONS = 32
const PAGE = 1000

/** What the anchor says of the log of a node. */
export async function findLogOf(anchorFile: string, url: string): Promise<LogMetadata> {
  const anchor = pinAnchor(readFileSync(anchorFile, 'utf8'))
  if ('kind' in anchor) throw new Error(anchor.detail)
  const client = createRegistryClient({
    anchor,
    fetchDocument: fetchDocumentOver(fetch),
    now: () => new Date(),
  })
  const log = await client.findLog(url)
  if (log === undefined) throw new Error(`the anchor names no log at ${url}`)
  return log
}

/** How many entries the newest checkpoint has that a node shows. */
export async function shownSize(url: string): Promise<number> {
  const response = await fetch(`${url}/tlog/checkpoint`)
  return parseCheckpoint(parseNote(await response.text())?.body ?? '')?.size ?? 0
}

/** Everything that the feed of a node says, from its beginning. */
export async function readFeed(url: string): Promise<Change[]> {
  const changes: Change[] = []
  for (;;) {
    const response = await fetch(`${url}/v1/changes?after=${changes.length}&limit=${PAGE}`)
    if (response.status !== 200) throw new Error(`the feed answered ${response.status}`)
    const lines = (await response.text()).split('\n').filter(Boolean)
    if (lines.length === 0) return changes
    changes.push(...lines.map((line) => JSON.parse(line) as Change))
  }
}

/**
 * Asks for the proof of each of these records and verifies it with its witnesses; answers what is wrong with any.
 * A proof that is not there yet is waited for.
 */
export async function proofFaults(
  url: string,
  metadata: LogMetadata,
  records: readonly string[],
): Promise<string[]> {
  const log = trustedLogOf(metadata)
  if (log.quorum < 1) throw new Error('the anchor asks for no witness')
  const tools = createProofTools(createEvidenceMemory())
  const faults: string[] = []
  const waiting = records.values()
  const verify = async () => {
    for (const jws of waiting) {
      const read = readAssignmentRecord(jws)
      if (read.kind === 'rejected') throw new Error(read.detail)
      const { claims } = read
      const proof = await waitFor(async () => await fetchProof(url, claims.sub), {
        what: `the proof of ${claims.sub}`,
      })
      const proven = await proveEntry(proof, log, { tools, subject: claims.sub })
      const fault =
        'verdict' in proven
          ? proven.detail
          : assignEntryFault(proven, { claims, level: claims.code_assignment.level }, await recordHash(jws))
      if (fault !== undefined) faults.push(`${claims.sub}: ${fault}`)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, verify))
  return faults
}

async function fetchProof(url: string, code: string): Promise<string | undefined> {
  const response = await fetch(`${url}/v1/codes/${code}/log-proof`)
  const text = await response.text()
  return response.status === 200 ? text : undefined
}
