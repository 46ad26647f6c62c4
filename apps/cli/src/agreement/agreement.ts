import { defineCommand, noArguments, onlyArgument, required } from '../command.ts'
import { OFFICER_KEY_OPTION, signOwn } from '../desk/proposals.ts'
import { NODE_OPTIONS, rootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { readObjectOption } from '../node/json-object.ts'
import { writeItems, writeObject } from '../node/node-answer.ts'
import { PAGE_OPTIONS, pageOf, REASON_OPTION } from '../node/options.ts'

const SHOWN = ['jti', 'stage', 'version', 'sender', 'hash'] as const
/** What every act on an agreement takes: it is proposed, and with the officer's key signed at once. */
const ACT_OPTIONS = { ...NODE_OPTIONS, ...REASON_OPTION, ...OFFICER_KEY_OPTION } as const

interface ActValues {
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly reason?: string | undefined
  readonly 'officer-key'?: string | undefined
  readonly 'passphrase-file'?: string | undefined
  readonly json: boolean
}

/** `agreement list`: what was proposed by a root or to it, as its desk sees it. */
export const list = defineCommand({ ...NODE_OPTIONS, ...PAGE_OPTIONS }, async (given, terminal) => {
  noArguments(given.positionals)
  const { values } = given
  const asking = rootAt(values, terminal).GET('/v1/desk/agreements', { params: { query: pageOf(values) } })
  const { items } = await answerOf(asking)
  return await writeItems(items, SHOWN, { json: values.json, terminal })
})

/** `agreement show`: its parties, its links, its events, and what is still to be delivered. */
export const show = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  const path = { jti: onlyArgument(positionals, 'agreement') }
  const asking = rootAt(values, terminal).GET('/v1/desk/agreements/{jti}', { params: { path } })
  return await writeObject(await answerOf(asking), values.json, terminal)
})

/** `agreement propose`: puts new terms before the officers; approved, they are signed and sent to the other parties. */
export const propose = defineCommand(
  { ...ACT_OPTIONS, terms: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const ask = readObjectOption(required(values.terms, 'terms'), 'terms')
    return await proposeAct({ kind: 'agreement:propose', ask }, values, terminal)
  },
)

/** `agreement countersign`: agrees to the terms with this hash that another root has proposed. */
export const countersign = defineCommand(
  { ...ACT_OPTIONS, hash: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const jti = onlyArgument(positionals, 'agreement')
    const ask = { jti, hash: required(values.hash, 'hash') }
    return await proposeAct({ kind: 'agreement:countersign', ask }, values, terminal)
  },
)

/** `agreement suspend`: stops recognising, towards all parties or one. */
export const suspend = towardsCommand('agreement:suspend')

/** `agreement resume`: takes an own suspension back. */
export const resume = towardsCommand('agreement:resume')

/** `agreement terminate`: leaves for good. */
export const terminate = endCommand('agreement:terminate')

/** `agreement decline`: says no to terms that another root has proposed. */
export const decline = endCommand('agreement:decline')

function towardsCommand(kind: string) {
  return defineCommand({ ...ACT_OPTIONS, towards: { type: 'string' } }, async (given, terminal) => {
    const { positionals, values } = given
    const { towards } = values
    const ask = { jti: onlyArgument(positionals, 'agreement'), ...(towards === undefined ? {} : { towards }) }
    return await proposeSaid({ kind, ask }, values, terminal)
  })
}

function endCommand(kind: string) {
  return defineCommand(ACT_OPTIONS, async ({ positionals, values }, terminal) => {
    const ask = { jti: onlyArgument(positionals, 'agreement') }
    return await proposeSaid({ kind, ask }, values, terminal)
  })
}

type Write = Parameters<typeof writeObject>[2]

/** An event says its reason in public, in the agreement's own chain. */
async function proposeSaid(act: { kind: string; ask: object }, values: ActValues, terminal: Write) {
  const reason = required(values.reason, 'reason')
  return await proposeAct({ kind: act.kind, ask: { ...act.ask, reason } }, values, terminal)
}

async function proposeAct(
  { kind, ask }: { kind: string; ask: Record<string, unknown> },
  values: ActValues,
  terminal: Write,
) {
  const body = { kind, ask, reason: required(values.reason, 'reason') }
  const proposal = await answerOf(rootAt(values, terminal).POST('/v1/desk/proposals', { body }))
  return await writeObject(await signOwn(proposal, values, terminal), values.json, terminal)
}
