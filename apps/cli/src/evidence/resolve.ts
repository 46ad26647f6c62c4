import { renameSync, writeFileSync } from 'node:fs'

import { createRegistryClient, fetchDocumentOver } from '@arc3088/client'
import { exitCodeOf, VERDICTS, type Verdict } from '@arc3088/trust'

import { writeAnswer, type Answer } from '../answers.ts'
import { defineCommand, onlyArgument } from '../command.ts'
import { CannotTell, UsageError } from '../failure.ts'
import { originOf, resolverAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import type { JsonObject } from '../node/json-object.ts'
import type { Terminal } from '../terminal.ts'
import { findAnchor } from './find-anchor.ts'
import { openKeySetMemory } from './key-set-memory.ts'
import { readAnchorFile, readInstant, readListPolicy } from './read-evidence-file.ts'
import { resolutionText } from './resolution-text.ts'

type Detail = 'record' | 'bundle'

interface Question {
  readonly code: string
  readonly detail: Detail
  /** The instant asked about, in seconds, where it is past. */
  readonly at: number | undefined
  /** How recognition lists are held to be fit. */
  readonly recognition: { readonly minSeq?: number; readonly maxAgeSeconds?: number }
}

/**
 * `resolve`: the verdict on a code. Walks the nodes itself and trusts nothing but the anchor; with `--resolver`, asks a
 * resolver and repeats what it says.
 */
export const resolve = defineCommand(
  {
    resolver: { type: 'string' },
    anchor: { type: 'string' },
    root: { type: 'string' },
    bundle: { type: 'string' },
    at: { type: 'string' },
    'min-seq': { type: 'string' },
    'max-list-age': { type: 'string' },
  },
  async ({ positionals, values }, terminal) => {
    const code = onlyArgument(positionals, 'code')
    if (values.resolver !== undefined && (values.anchor ?? values.root) !== undefined) {
      throw new UsageError('--resolver believes the resolver; --anchor and --root believe nobody')
    }
    if (values.resolver !== undefined && values['min-seq'] !== undefined)
      throw new UsageError('--resolver remembers the numbers of lists by itself; --min-seq is for a walk')
    const detail = values.bundle === undefined ? 'record' : 'bundle'
    const at = values.at === undefined ? undefined : readInstant(values.at)
    const question = { code, detail, at, recognition: readListPolicy(values) } as const
    const { evidence, ...answer } =
      values.resolver === undefined
        ? await walk(
            { ...question, root: values.root, anchorFile: anchorOf(values.anchor, terminal) },
            terminal,
          )
        : await askResolver({ ...question, url: values.resolver }, terminal)
    if (values.bundle !== undefined && hasEvidence(evidence)) writeBundle(values.bundle, evidence)
    return await writeAnswer(resolvedAnswer(answer), values.json, terminal)
  },
)

/** @throws CannotTell where the resolver answered something else. */
function resolvedAnswer(answer: JsonObject): Answer {
  const verdict = VERDICTS.find((known): known is Verdict => known === answer['verdict'])
  if (verdict === undefined) throw new CannotTell('the resolver answered no verdict that is known here')
  return { json: answer, text: resolutionText(answer, verdict), exitCode: exitCodeOf(verdict) }
}

async function walk(
  question: Question & { root: string | undefined; anchorFile: string },
  terminal: Terminal,
): Promise<JsonObject> {
  const { code, detail, at, root, anchorFile, recognition } = question
  const anchor = readAnchorFile(anchorFile)
  const client = createRegistryClient({
    anchor,
    keySetMemory: await openKeySetMemory(anchorFile, anchor, terminal),
    ...(root === undefined ? {} : { rootUrl: originOf({ url: root }, terminal) }),
    fetchDocument: fetchDocumentOver(fetch),
    now: () => terminal.now(),
    recognition,
    advisories: true,
  })
  return { ...(await client.resolve(code, { detail, ...(at === undefined ? {} : { at }) })) }
}

async function askResolver(
  { code, detail, at, url, recognition: { maxAgeSeconds } }: Question & { url: string },
  terminal: Terminal,
): Promise<JsonObject> {
  const query = {
    detail,
    ...(at === undefined ? {} : { at: String(at) }),
    ...(maxAgeSeconds === undefined ? {} : { policy: `list-max-age=${maxAgeSeconds}` }),
  }
  const params = { path: { code }, query }
  const answer = await answerOf(resolverAt({ url }, terminal).GET('/v1/resolve/{code}', { params }))
  return { ...answer }
}

function anchorOf(file: string | undefined, terminal: Terminal): string {
  return file ?? findAnchor(terminal.environment)
}

/** Whole or not at all: a bundle cut in half would look like a forged one. */
function writeBundle(file: string, evidence: unknown): void {
  const draft = `${file}.draft`
  writeFileSync(draft, `${JSON.stringify(evidence)}\n`)
  renameSync(draft, file)
}

/** False where none was looked for: what is no code has none. */
function hasEvidence(evidence: unknown): boolean {
  return typeof evidence === 'object' && evidence !== null && 'chains' in evidence
}
