import { encodeBase64url } from '@arc3088/records'
import { equalBytes, type ParsedCheckpoint } from '@arc3088/tlog'

import { writeAnswer, type Answer } from '../answers.ts'
import { defineCommand, onlyArgument } from '../command.ts'
import { shown } from '../shown.ts'
import { checkLog, type LogCheck } from './check-log.ts'
import { readCheckpoint, type Standing } from './checkpoint-standing.ts'
import { KNOWN_LOG_OPTIONS, knownLog, webAddress } from './known-log.ts'
import { openLog } from './log-source.ts'
import { readLogState, writeLogState } from './log-state.ts'

interface Fault {
  readonly code: string
  readonly detail: string
}

/**
 * `log fsck`: reads a whole log and holds it to all it says. 0: sound, and signed by whom it should be. 1: wrong, forked
 * or rolled back. 2: sound as far as it goes, but nobody said whose signatures to look for, or its witnesses have not
 * seen it; or it could not be read.
 */
export const fsck = defineCommand(
  { ...KNOWN_LOG_OPTIONS, state: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const url = webAddress(onlyArgument(positionals, 'address of a log'))
    const before = values.state === undefined ? undefined : readLogState(values.state)
    const log = await knownLog(url, values, terminal)
    const source = openLog(url)
    const note = await source.checkpoint()
    const { checkpoint, standing } = await readCheckpoint(note, log)
    const check = await checkLog(source, checkpoint, before)
    const history = before === undefined ? [] : historyFaults(before, checkpoint, check)
    const faults: Fault[] = [...history, ...check.faults]
    // What no witness has seen may be shown to us alone: remembered, it would make the log of all others look forked.
    if (values.state !== undefined && faults.length === 0 && standing.kind !== 'unwitnessed')
      writeLogState(values.state, checkpoint)
    return await writeAnswer(answerOf({ url, checkpoint, standing, check, faults }), values.json, terminal)
  },
)

function historyFaults(
  before: { origin: string; size: number; root: Uint8Array },
  now: ParsedCheckpoint,
  { rootThen }: LogCheck,
): Fault[] {
  if (before.origin !== now.origin) {
    return [{ code: 'origin-wrong', detail: `it was ${before.origin}, now it is ${now.origin}` }]
  }
  if (now.size < before.size) {
    return [{ code: 'log-rolled-back', detail: `it had ${before.size} entries, now it has ${now.size}` }]
  }
  // Where the log could not be read that far, that is what is wrong with it.
  if (rootThen === undefined || equalBytes(rootThen, before.root)) return []
  return [
    { code: 'log-forked', detail: `its first ${before.size} entries are not those that were seen before` },
  ]
}

function answerOf({
  url,
  checkpoint: { origin, size, root },
  standing,
  check,
  faults,
}: {
  url: string
  checkpoint: ParsedCheckpoint
  standing: Standing
  check: LogCheck
  faults: readonly Fault[]
}): Answer {
  const isSound = faults.length === 0
  const signed = standing.kind === 'verified'
  const json = {
    url,
    origin,
    size,
    root: encodeBase64url(root),
    sound: isSound,
    signature: standing.kind,
    witnesses: standing.witnesses,
    entries: check.entries,
    tiles: check.tiles,
    faults,
    more_faults: check.more,
  }
  const told = [
    `${shown(origin)}: ${size} entries, ${check.tiles} tiles, root ${json.root}`,
    ...faults.map(({ code, detail }) => `  ✗ ${code}: ${shown(detail)}`),
    ...(check.more === 0 ? [] : [`  ✗ and ${check.more} more`]),
    ...(isSound ? ['  ✓ 完好 sound: every entry, every tile, the root; no code twice'] : []),
    describeStanding(standing),
  ]
  return { json, text: told.join('\n'), exitCode: isSound ? (signed ? 0 : 2) : 1 }
}

function describeStanding({ kind, witnesses }: Standing): string {
  const names = witnesses.map(shown).join(', ') || 'none'
  switch (kind) {
    case 'verified':
      return `  ✓ signed by the log; witnesses: ${names}`
    case 'unwitnessed':
      return `  ? 未见证 signed by the log, not by as many witnesses as the anchor asks for: ${names}`
    case 'unknown':
      return '  ? 签名未核 signature not looked at: name --vkey or --anchor'
  }
}
