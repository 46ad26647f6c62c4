import { readSubject } from '@arc3088/codec'
import {
  MEDIA_TYPE,
  readAssignmentRecord,
  recordHash,
  subjectOf,
  type AssignmentRecord,
  type LogMetadata,
} from '@arc3088/records'
import {
  assignEntryFault,
  createEvidenceMemory,
  createProofTools,
  proveEntry,
  trustedLogOf,
  type ProvenEntry,
} from '@arc3088/trust'
import { TLOG_PROOF_LENGTH_MAX } from '@arc3088/tlog'

import { writeAnswer } from '../answers.ts'
import { defineCommand } from '../command.ts'
import { CannotTell, Refusal, UsageError } from '../failure.ts'
import { fetchInTime } from '../node/access.ts'
import type { Terminal } from '../terminal.ts'
import { KNOWN_LOG_OPTIONS, knownLog, webAddress } from './known-log.ts'
import { readBounded } from './log-source.ts'

/**
 * `log proof`: the proof that the record of a code stands in the log of the node at an address, as the node gives it,
 * verified against the log's key (and by an anchor, its witnesses).
 */
export const proof = defineCommand(KNOWN_LOG_OPTIONS, async ({ positionals, values }, terminal) => {
  const [address, code, ...more] = positionals
  if (address === undefined || code === undefined || more.length > 0) {
    throw new UsageError('the address of a node, and a code')
  }
  const url = webAddress(address)
  const log = await knownLog(url, values, terminal)
  const at = `${new URL(url).origin}/v1/codes/${encodeURIComponent(code)}`
  const [jws, text] = await Promise.all([
    take(at, MEDIA_TYPE.assignmentRecord),
    take(`${at}/log-proof`, 'text/plain'),
  ])
  if (log === undefined) return await tellUnverified(text, values.json, terminal)
  const proven = await verifyProof({ code, jws, text, log })
  const { index, size, origin, entry, witnessedAt } = proven
  const json = { origin, index, size, entry, witnessed_at: witnessedAt ?? null, verified: true, proof: text }
  const seen =
    witnessedAt === undefined ? 'not witnessed' : `witnessed ${new Date(witnessedAt * 1000).toISOString()}`
  const told = `${text}\n✓ 已入日志 entry ${index} of ${size} in ${origin}, ${seen}`
  return await writeAnswer({ json, text: told, exitCode: 0 }, values.json, terminal)
})

async function tellUnverified(text: string, json: boolean, terminal: Terminal) {
  const told = `${text}\n? 未核 not verified: name --vkey or --anchor`
  return await writeAnswer(
    { json: { verified: false, proof: text }, text: told, exitCode: 2 },
    json,
    terminal,
  )
}

/** Whether the record is that of the code, in whatever letters it was asked for. */
function isOf(claims: AssignmentRecord, code: string): boolean {
  const own = subjectOf(claims)
  if (own === undefined) return false
  const asked = readSubject(code, { prefixes: [own.prefix] })
  return asked.kind !== 'malformed' && asked.text === claims.sub
}

/** @throws Refusal for a proof that is wrong, or a record that is not of the code or not the one that is proved. */
async function verifyProof({
  code,
  jws,
  text,
  log,
}: {
  code: string
  jws: string
  text: string
  log: LogMetadata
}): Promise<ProvenEntry> {
  const read = readAssignmentRecord(jws)
  if (read.kind === 'rejected') throw new Refusal(read.reason, read.detail)
  const { claims } = read
  // A name in the log may be hidden: that the entry is of this code, only the record says.
  if (!isOf(claims, code)) throw new Refusal('sub-wrong', `the node shows the record of ${claims.sub}`)
  const tools = createProofTools(createEvidenceMemory())
  const proven = await proveEntry(text, trustedLogOf(log), { tools, subject: claims.sub })
  if ('verdict' in proven) throw new Refusal(proven.code, proven.detail)
  const record = { claims, level: claims.code_assignment.level }
  const fault = assignEntryFault(proven, record, await recordHash(jws))
  if (fault !== undefined) throw new Refusal('log-proof-invalid', fault)
  return proven
}

async function take(address: string, accept: string): Promise<string> {
  const response = await fetchInTime(new Request(address, { headers: { accept }, redirect: 'error' }))
  const body = new TextDecoder().decode(await readBounded(response, TLOG_PROOF_LENGTH_MAX, address))
  if (response.status === 404) throw new Refusal('code-not-found', `${address} is not there (yet)`)
  if (response.status !== 200) throw new CannotTell(`${address} answered ${response.status}`)
  return body
}
