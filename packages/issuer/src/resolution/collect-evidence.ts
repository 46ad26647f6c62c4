import { parentOf, type Subject } from '@arc3088/codec'
import { readAssignmentRecord, type CompactJws } from '@arc3088/records'
import type { EvidenceBundleInput } from '@arc3088/trust'

import { readStoredRecord } from '../assignment/assignment.store.ts'
import { codeKeyOf } from '../assignment/code-key.ts'
import type { SignStatusList } from '../status/status-lists.ts'
import type { CodeAuthority } from './answer-code.ts'
import { proveRecords, signingKeyOf } from './answering-log.ts'
import { oneTokenAList } from './one-token-a-list.ts'

/** What stands above this node's own records: others' statements, records and status lists, verbatim. */
export type EvidenceAbove = Pick<EvidenceBundleInput, 'chains' | 'root_keys'> & {
  readonly records: readonly string[]
  readonly status_list_tokens: readonly string[]
  /** Proofs of those records in the logs of their issuers, by record hash. */
  readonly tlog_proofs?: Readonly<Record<string, string>>
  /** The former keys of those above. */
  readonly key_histories?: readonly string[]
}

/**
 * Everything that a verifier with a pinned key set needs for a code of this node (wire-format W6): records from
 * the provider's down to the code's own, the chain, every status list that any of them refers to, and the proofs
 * that the records stand in the log, as far as a checkpoint covers them.
 */
export async function collectEvidence(
  authority: CodeAuthority,
  signStatusList: SignStatusList,
  subject: Subject,
  above: EvidenceAbove,
): Promise<EvidenceBundleInput> {
  const own = await readLineage(authority, subject)
  const lists = new Set(own.map(({ list }) => list))
  const tokens = await Promise.all([...lists].map((list) => signExisting(signStatusList, list)))
  const proofs = {
    ...above.tlog_proofs,
    ...(authority.log === undefined
      ? {}
      : await proveRecords(
          authority.log,
          own.map(({ jws }) => jws),
        )),
  }
  const histories = [
    ...(above.key_histories ?? []),
    ...(await historyFor(
      authority,
      own.map(({ jws }) => jws),
    )),
  ]
  return {
    v: 1,
    records: [...above.records, ...own.map(({ jws }) => jws)],
    chains: above.chains ?? [],
    root_keys: above.root_keys ?? [],
    status_list_tokens: oneTokenAList([...above.status_list_tokens, ...tokens]),
    ...(Object.keys(proofs).length === 0 ? {} : { tlog_proofs: proofs }),
    ...(histories.length === 0 ? {} : { key_histories: histories }),
  }
}

/** True for a record that another key than the present one signed: alone, its bundle may not say by which. */
export function isOfFormerKey({ signer }: Pick<CodeAuthority, 'signer'>, record: CompactJws): boolean {
  return signingKeyOf(record) !== signer.kid
}

async function historyFor(authority: CodeAuthority, records: readonly CompactJws[]): Promise<string[]> {
  if (!records.some((record) => isOfFormerKey(authority, record))) return []
  const history = await authority.keyHistory?.()
  return history === undefined ? [] : [history]
}

async function signExisting(signStatusList: SignStatusList, list: number): Promise<CompactJws> {
  const token = await signStatusList(list)
  if (token === undefined) throw new Error(`A record refers to status list ${list}, which does not exist`)
  return token
}

/** The records of a code and of everything above it that this node assigned, top-down. */
async function readLineage(
  authority: CodeAuthority,
  subject: Subject,
): Promise<{ jws: CompactJws; list: number }[]> {
  const lineage: { jws: CompactJws; list: number }[] = []
  let next: Subject | undefined = subject
  while (next !== undefined && authority.answersFor(next)) {
    const stored = await readStoredRecord(authority.db, codeKeyOf(next))
    if (stored === undefined) throw new Error(`${next.text} has descendants and no record`)
    lineage.unshift({ jws: stored.jws, list: stored.status.list })
    next = parentOf(next)
  }
  return lineage
}

/** The address of the status list that a record refers to. */
export function statusListUriOf(record: CompactJws): string {
  const read = readAssignmentRecord(record)
  if (read.kind === 'rejected') throw new Error(`A stored record is not one: ${read.detail}`)
  return read.claims.status.status_list.uri
}
