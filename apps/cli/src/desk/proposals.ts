import { signShownProposal, type ShownProposal } from '@arc3088/records'

import { defineCommand, noArguments, onlyArgument, required } from '../command.ts'
import { Refusal } from '../failure.ts'
import { readSignerFile } from '../keys/key-files.ts'
import { NODE_OPTIONS, rootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { readObjectOption } from '../node/json-object.ts'
import { writeItems, writeObject } from '../node/node-answer.ts'
import { KEY_OPTION, keyHeader, oneOf, PAGE_OPTIONS, pageOf, REASON_OPTION } from '../node/options.ts'
import type { Terminal } from '../terminal.ts'

const STATES = ['pending', 'approved', 'rejected', 'expired', 'withdrawn'] as const
const SHOWN = ['id', 'state', 'kind', 'hash', 'payload', 'expires_at'] as const
/** A vote is bound to the hash of what the officer read. */
const VOTE_OPTIONS = { ...NODE_OPTIONS, ...REASON_OPTION, hash: { type: 'string' } } as const
/** A file with the officer's own private key. It never leaves the officer's machine. */
export const OFFICER_KEY_OPTION = {
  'officer-key': { type: 'string' },
  'passphrase-file': { type: 'string' },
} as const

interface OfficerKeyValues {
  readonly 'officer-key'?: string | undefined
  readonly 'passphrase-file'?: string | undefined
}

type NodeValues = Parameters<typeof rootAt>[0]

/** `desk proposals list`: what was proposed. */
export const list = defineCommand({ ...NODE_OPTIONS, ...PAGE_OPTIONS }, async (given, terminal) => {
  noArguments(given.positionals)
  const { values } = given
  const state = oneOf(values.state, STATES, 'state')
  const query = { ...pageOf(values), ...(state === undefined ? {} : { state }) }
  const { items } = await answerOf(rootAt(values, terminal).GET('/v1/desk/proposals', { params: { query } }))
  return await writeItems(items, SHOWN, { json: values.json, terminal })
})

/** `desk proposals show`: exactly what will happen, and what officers sign of it. */
export const show = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  const proposal = await read(values, onlyArgument(positionals, 'proposal'), terminal)
  return await writeObject(proposal, values.json, terminal)
})

/** `desk propose`: puts an act before the officers; with the officer's key, it is signed at once. */
export const propose = defineCommand(
  { ...NODE_OPTIONS, ...REASON_OPTION, ...OFFICER_KEY_OPTION, ask: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const kind = onlyArgument(positionals, 'kind of act')
    const body = {
      kind,
      ask: readObjectOption(values.ask ?? '{}', 'ask'),
      reason: required(values.reason, 'reason'),
    }
    const proposal = await answerOf(rootAt(values, terminal).POST('/v1/desk/proposals', { body }))
    return await writeObject(await signOwn(proposal, values, terminal), values.json, terminal)
  },
)

/** `desk proposals sign`: signs one's own proposal, which opens it to the others. */
export const sign = defineCommand(
  { ...NODE_OPTIONS, ...OFFICER_KEY_OPTION },
  async ({ positionals, values }, terminal) => {
    required(values['officer-key'], 'officer-key')
    const proposal = await read(values, onlyArgument(positionals, 'proposal'), terminal)
    return await writeObject(await signOwn(proposal, values, terminal), values.json, terminal)
  },
)

/** `desk proposals approve`: approves what another officer proposed; the last approval that is needed carries it out. */
export const approve = defineCommand(
  { ...VOTE_OPTIONS, ...KEY_OPTION, ...OFFICER_KEY_OPTION },
  async ({ positionals, values }, terminal) => {
    const id = onlyArgument(positionals, 'proposal')
    const vote = voteOf(values)
    const signature = await signatureOf(await read(values, id, terminal), values)
    const asking = rootAt(values, terminal).POST('/v1/desk/proposals/{id}/approve', {
      params: { path: { id }, header: keyHeader(values) },
      body: { ...vote, signature },
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)

/** `desk proposals reject`: rejects it, and nothing is carried out. */
export const reject = endCommand('/v1/desk/proposals/{id}/reject')

/** `desk proposals withdraw`: takes one's own back. */
export const withdraw = endCommand('/v1/desk/proposals/{id}/withdraw')

/** Signs a proposal that was just made, where the officer's key is at hand. */
export async function signOwn(
  proposal: ShownProposal & { readonly hash: string },
  values: NodeValues & OfficerKeyValues,
  terminal: Terminal,
): Promise<object> {
  if (values['officer-key'] === undefined) return proposal
  const signature = await signatureOf(proposal, values)
  return await answerOf(
    rootAt(values, terminal).POST('/v1/desk/proposals/{id}/sign', {
      params: { path: { id: proposal.id } },
      body: { hash: proposal.hash, signature },
    }),
  )
}

async function read(values: NodeValues, id: string, terminal: Terminal) {
  return await answerOf(rootAt(values, terminal).GET('/v1/desk/proposals/{id}', { params: { path: { id } } }))
}

/** The desk may ask for a signature over what it shows, and nothing else. */
async function signatureOf(proposal: ShownProposal, values: OfficerKeyValues) {
  const file = required(values['officer-key'], 'officer-key')
  const signer = await readSignerFile(file, values['passphrase-file'])
  const signature = await signShownProposal(signer, proposal)
  if ('kind' in signature) throw new Refusal('proposal-not-as-shown', signature.detail)
  return signature
}

function endCommand(route: '/v1/desk/proposals/{id}/reject' | '/v1/desk/proposals/{id}/withdraw') {
  return defineCommand(VOTE_OPTIONS, async ({ positionals, values }, terminal) => {
    const path = { id: onlyArgument(positionals, 'proposal') }
    const asking = rootAt(values, terminal).POST(route, { params: { path }, body: voteOf(values) })
    return await writeObject(await answerOf(asking), values.json, terminal)
  })
}

function voteOf(values: { hash?: string | undefined; reason?: string | undefined }) {
  return { hash: required(values.hash, 'hash'), reason: required(values.reason, 'reason') }
}
