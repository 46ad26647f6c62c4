import { defineCommand, noArguments, onlyArgument, required } from '../command.ts'
import { NODE_OPTIONS, rootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeItems, writeObject } from '../node/node-answer.ts'
import { KEY_OPTION, keyHeader, oneOf, PAGE_OPTIONS, pageOf, REASON_OPTION } from '../node/options.ts'

const STATES = ['pending', 'approved', 'rejected', 'expired'] as const
const SHOWN = ['id', 'state', 'kind', 'hash', 'payload', 'expires_at'] as const
/** A vote is bound to the hash of what the officer read. */
const VOTE_OPTIONS = { ...NODE_OPTIONS, ...REASON_OPTION, hash: { type: 'string' } } as const

/** `desk proposals list`: what was proposed. */
export const list = defineCommand({ ...NODE_OPTIONS, ...PAGE_OPTIONS }, async (given, terminal) => {
  noArguments(given.positionals)
  const { values } = given
  const state = oneOf(values.state, STATES, 'state')
  const query = { ...pageOf(values), ...(state === undefined ? {} : { state }) }
  const { items } = await answerOf(rootAt(values, terminal).GET('/v1/desk/proposals', { params: { query } }))
  return await writeItems(items, SHOWN, { json: values.json, terminal })
})

/** `desk proposals approve`: approves what another officer proposed, which carries it out. */
export const approve = defineCommand(
  { ...VOTE_OPTIONS, ...KEY_OPTION },
  async ({ positionals, values }, terminal) => {
    const path = { id: onlyArgument(positionals, 'proposal') }
    const asking = rootAt(values, terminal).POST('/v1/desk/proposals/{id}/approve', {
      params: { path, header: keyHeader(values) },
      body: voteOf(values),
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)

/** `desk proposals reject`: rejects it, and nothing is carried out. */
export const reject = defineCommand(VOTE_OPTIONS, async ({ positionals, values }, terminal) => {
  const path = { id: onlyArgument(positionals, 'proposal') }
  const asking = rootAt(values, terminal).POST('/v1/desk/proposals/{id}/reject', {
    params: { path },
    body: voteOf(values),
  })
  return await writeObject(await answerOf(asking), values.json, terminal)
})

function voteOf(values: { hash?: string | undefined; reason?: string | undefined }) {
  return { hash: required(values.hash, 'hash'), reason: required(values.reason, 'reason') }
}
