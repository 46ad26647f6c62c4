import { encodeBase64url, type LogMetadata } from '@arc3088/records'
import { trustedLogOf } from '@arc3088/trust'
import { equalBytes, parseCheckpoint, parseNote, verifyWitnessed, type ParsedCheckpoint } from '@arc3088/tlog'

import { writeAnswer, type Answer } from '../answers.ts'
import { defineCommand, onlyArgument } from '../command.ts'
import { Refusal } from '../failure.ts'
import { shown } from '../shown.ts'
import { checkLog, type LogCheck } from './check-log.ts'
import { KNOWN_LOG_OPTIONS, knownLog, webAddress } from './known-log.ts'
import { openLog } from './log-source.ts'
import { readLogState, writeLogState } from './log-state.ts'

interface Fault {
  readonly code: string
  readonly detail: string
}

/** What the signatures of a checkpoint are worth; where nobody said whose they should be, nothing is known. */
interface Standing {
  readonly kind: 'verified' | 'unknown'
  readonly witnesses: readonly string[]
  readonly witnessedAt?: number | undefined
}

/**
 * `log fsck`: reads a whole log and holds it to all it says. 0: sound, and signed by whom it should be. 1: wrong, forked
 * or rolled back. 2: sound as far as it goes, but nobody said whose signatures to look for; or it could not be read.
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
    if (values.state !== undefined && faults.length === 0) writeLogState(values.state, checkpoint)
    return await writeAnswer(answerOf({ url, checkpoint, standing, check, faults }), values.json, terminal)
  },
)

/** @throws Refusal for one that is none, or is not signed by whom it should be. */
async function readCheckpoint(
  noteText: string,
  log: LogMetadata | undefined,
): Promise<{ checkpoint: ParsedCheckpoint; standing: Standing }> {
  if (log === undefined) {
    const note = parseNote(noteText)
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note.body)
    if (checkpoint === undefined) throw new Refusal('checkpoint-malformed', 'the checkpoint is none')
    return { checkpoint, standing: { kind: 'unknown', witnesses: [] } }
  }
  const { origin, logKeys, witnesses, quorum } = trustedLogOf(log)
  const verified = await verifyWitnessed({ noteText, origin, logKeys, policy: { witnesses, quorum } })
  // A checkpoint is shown before its witnesses have seen it (W8); what it says is held against the log all the same.
  const settled =
    verified.kind === 'rejected' && verified.reason === 'quorum-missing'
      ? await verifyWitnessed({ noteText, origin, logKeys, policy: { witnesses, quorum: 0 } })
      : verified
  if (settled.kind === 'rejected') throw new Refusal(settled.reason, settled.detail)
  const { checkpoint, witnesses: names, witnessedAt } = settled
  return { checkpoint, standing: { kind: 'verified', witnesses: names, witnessedAt } }
}

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
    signed
      ? `  ✓ signed by the log; witnesses: ${standing.witnesses.map(shown).join(', ') || 'none'}`
      : '  ? 签名未核 signature not looked at: name --vkey or --anchor',
  ]
  return { json, text: told.join('\n'), exitCode: isSound ? (signed ? 0 : 2) : 1 }
}
