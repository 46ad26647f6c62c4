import { renameSync, writeFileSync } from 'node:fs'

import { createRegistryClient, describeResolution, fetchDocumentOver } from '@arc3088/client'
import { exitCodeOf, VERDICTS, type PinnedAnchor, type Verdict } from '@arc3088/trust'

import { writeAnswer, type Answer } from '../answers.ts'
import { defineCommand, onlyArgument } from '../command.ts'
import { CannotTell, UsageError } from '../failure.ts'
import { accessOf, callNode, type JsonObject } from '../node/call-node.ts'
import type { Terminal } from '../terminal.ts'
import { findAnchor } from './find-anchor.ts'
import { readAnchorFile } from './read-evidence-file.ts'
import { resolutionText } from './resolution-text.ts'

/** What a resolution says, and what it rests on: nothing where no evidence was looked for. */
interface Resolved {
  readonly answer: JsonObject
  readonly evidence: unknown
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
  },
  async ({ positionals, values }, terminal) => {
    const code = onlyArgument(positionals, 'code')
    if (values.resolver !== undefined && (values.anchor ?? values.root) !== undefined) {
      throw new UsageError('--resolver believes the resolver; --anchor and --root believe nobody')
    }
    const wantsBundle = values.bundle !== undefined
    const { answer, evidence } =
      values.resolver === undefined
        ? await walk(code, anchorOf(values.anchor, terminal), {
            root: rootOf(values.root, terminal),
            terminal,
          })
        : await askResolver(code, accessOf({ url: values.resolver }, terminal).url, wantsBundle)
    if (values.bundle !== undefined && evidence !== undefined) writeBundle(values.bundle, evidence)
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
  code: string,
  anchor: PinnedAnchor,
  { root, terminal }: { root: string | undefined; terminal: Terminal },
): Promise<Resolved> {
  const client = createRegistryClient({
    anchor,
    ...(root === undefined ? {} : { rootUrl: root }),
    fetchDocument: fetchDocumentOver(fetch),
    now: () => terminal.now(),
  })
  const resolution = await client.assess(code)
  const wasLookedFor = resolution.evidence.chains !== undefined
  return {
    answer: { ...describeResolution(resolution, 'record') },
    evidence: wasLookedFor ? resolution.evidence : undefined,
  }
}

async function askResolver(code: string, url: string, wantsBundle: boolean): Promise<Resolved> {
  const { evidence, ...answer } = await callNode(
    { url, token: undefined },
    {
      method: 'GET',
      path: `/v1/resolve/${encodeURIComponent(code)}`,
      query: { detail: wantsBundle ? 'bundle' : 'record' },
    },
  )
  return { answer, evidence }
}

function anchorOf(file: string | undefined, terminal: Terminal): PinnedAnchor {
  return readAnchorFile(file ?? findAnchor(terminal.environment))
}

function rootOf(url: string | undefined, terminal: Terminal): string | undefined {
  return url === undefined ? undefined : accessOf({ url }, terminal).url
}

/** Whole or not at all: a bundle cut in half would look like a forged one. */
function writeBundle(file: string, evidence: unknown): void {
  const draft = `${file}.draft`
  writeFileSync(draft, `${JSON.stringify(evidence)}\n`)
  renameSync(draft, file)
}
