import { logOrigin } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { OwnLog } from '@arc3088/records'
import { numericDate, type Ambient, type Log } from '@arc3088/service'

import type { Agreements } from '../agreements/agreements.ts'
import type { ForeignRoots } from '../foreign-roots/foreign-roots.ts'
import { foldRecognitions, mutualWitnesses } from '../recognition/recognition-entries.ts'

/** What the logs of recognised roots are known by. */
export interface RecognisedLogParts {
  readonly foreignRoots: ForeignRoots
  readonly agreements: Agreements
  readonly entityId: string
  readonly ambient: Pick<Ambient, 'now'>
  readonly log: Log
}

/** Half of what a log can name as its witnesses: the rest is for providers. */
const RECOGNISED_WITNESSES_MAX = 8

/** The roots with which witnessing is mutual, each with its log by its verified configuration (W8, W9). */
export async function readRecognisedLogs(
  parts: RecognisedLogParts,
): Promise<{ entityId: string; log: OwnLog }[]> {
  try {
    const logs: { entityId: string; log: OwnLog }[] = []
    for (const entityId of await mutualRoots(parts)) {
      const log = await logOf(parts, entityId)
      if (log !== undefined) logs.push({ entityId, log })
    }
    return logs.slice(0, RECOGNISED_WITNESSES_MAX)
  } catch (error) {
    // A node whose decisions cannot be read has no recognised roots, and starts all the same.
    if (!(error instanceof RegistryError)) throw error
    parts.log.error({ err: error }, 'the recognised roots could not be read')
    return []
  }
}

/** The log of that origin, where it is one of a root with which witnessing is mutual. */
export async function findRecognisedLog(
  parts: RecognisedLogParts,
  origin: string,
): Promise<OwnLog | undefined> {
  const entityId = (await mutualRoots(parts)).find((each) => logOrigin(each) === origin)
  return entityId === undefined ? undefined : await logOf(parts, entityId)
}

async function mutualRoots({
  agreements,
  entityId,
  ambient,
}: RecognisedLogParts): Promise<readonly string[]> {
  return mutualWitnesses(foldRecognitions(entityId, await agreements.all(), numericDate(ambient.now())))
}

async function logOf({ foreignRoots }: RecognisedLogParts, entityId: string): Promise<OwnLog | undefined> {
  const root = (await foreignRoots.all()).get(entityId)
  const log = root === undefined ? undefined : await foreignRoots.logOf(root)
  return log === undefined ? undefined : { url: log.url, origin: log.origin, vkeys: log.vkeys }
}
