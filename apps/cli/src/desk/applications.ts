import { defineCommand, noArguments, onlyArgument, required } from '../command.ts'
import { UsageError } from '../failure.ts'
import { NODE_OPTIONS, rootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeItems, writeObject } from '../node/node-answer.ts'
import { OFFICER_KEY_OPTION, signOwn } from './proposals.ts'
import { oneOf, PAGE_OPTIONS, pageOf, REASON_OPTION } from '../node/options.ts'

const STATES = ['applied', 'under-review', 'returned', 'approved', 'rejected', 'withdrawn'] as const
const ITEMS = [
  'organization',
  'identifiers',
  'legal_representative',
  'contact',
  'evidence',
  'purposes',
  'scenarios',
  'numbering_plan',
  'wished_code',
  'jwks',
  'configuration',
  'other',
] as const
const GROUNDS = [
  'not-an-organisation',
  'identity-unproven',
  'evidence-insufficient',
  'evidence-untrue',
  'conditions-unmet',
  'duplicate',
  'not-completed',
  'other',
] as const
const SHOWN = ['id', 'state', 'entity_id', 'kind', 'wished_code', 'applied_at'] as const

/** `desk applications list`: who wants to become a provider. */
export const list = defineCommand({ ...NODE_OPTIONS, ...PAGE_OPTIONS }, async (given, terminal) => {
  noArguments(given.positionals)
  const { values } = given
  const state = oneOf(values.state, STATES, 'state')
  const query = { ...pageOf(values), ...(state === undefined ? {} : { state }) }
  const { items } = await answerOf(
    rootAt(values, terminal).GET('/v1/desk/applications', { params: { query } }),
  )
  return await writeItems(items, SHOWN, { json: values.json, terminal })
})

/** `desk applications take`: takes one up; the root now looks at what the applicant publishes. */
export const take = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  const path = { id: onlyArgument(positionals, 'application') }
  const asking = rootAt(values, terminal).POST('/v1/desk/applications/{id}/take', { params: { path } })
  return await writeObject(await answerOf(asking), values.json, terminal)
})

/** `desk applications show`: the whole file, with the time that each step took. */
export const show = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  const path = { id: onlyArgument(positionals, 'application') }
  const asking = rootAt(values, terminal).GET('/v1/desk/applications/{id}', { params: { path } })
  return await writeObject(await answerOf(asking), values.json, terminal)
})

/** `desk applications return`: gives one back for completion, naming each thing that is missing. */
export const giveBack = defineCommand(
  { ...NODE_OPTIONS, ...REASON_OPTION, item: { type: 'string', multiple: true } },
  async ({ positionals, values }, terminal) => {
    const path = { id: onlyArgument(positionals, 'application') }
    const items = (values.item ?? []).map((text) => {
      const [about, note] = pairOf(text, 'item')
      return { about: oneOf(about, ITEMS, 'item') ?? 'other', note }
    })
    if (items.length === 0) throw new UsageError('--item: what is missing, as "evidence=the certificate"')
    const body = { reason: required(values.reason, 'reason'), items }
    const asking = rootAt(values, terminal).POST('/v1/desk/applications/{id}/return', {
      params: { path },
      body,
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)

/** `desk applications reject`: proposes to reject one, which other officers decide. The grounds are public. */
export const proposeRejection = defineCommand(
  { ...NODE_OPTIONS, ...REASON_OPTION, ...OFFICER_KEY_OPTION, ground: { type: 'string', multiple: true } },
  async ({ positionals, values }, terminal) => {
    const path = { id: onlyArgument(positionals, 'application') }
    const reasons = (values.ground ?? []).map((text) => {
      const [ground, told] = pairOf(text, 'ground')
      return { ground: oneOf(ground, GROUNDS, 'ground') ?? 'other', text: told }
    })
    if (reasons.length === 0) throw new UsageError('--ground: why, as "identity-unproven=TEXT"')
    const body = { reasons, reason: required(values.reason, 'reason') }
    const asking = rootAt(values, terminal).POST('/v1/desk/applications/{id}/propose-rejection', {
      params: { path },
      body,
    })
    const proposal = await signOwn(await answerOf(asking), values, terminal)
    return await writeObject(proposal, values.json, terminal)
  },
)

function pairOf(text: string, option: string): [word: string, told: string] {
  const at = text.indexOf('=')
  if (at < 1 || at === text.length - 1) throw new UsageError(`--${option}: WORD=TEXT`)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** `desk applications propose`: proposes to assign a provider code, which another officer decides. */
export const propose = defineCommand(
  { ...NODE_OPTIONS, ...REASON_OPTION, ...OFFICER_KEY_OPTION, code: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const path = { id: onlyArgument(positionals, 'application') }
    const body = { code: values.code ?? null, reason: required(values.reason, 'reason') }
    const asking = rootAt(values, terminal).POST('/v1/desk/applications/{id}/propose-approval', {
      params: { path },
      body,
    })
    const proposal = await signOwn(await answerOf(asking), values, terminal)
    return await writeObject(proposal, values.json, terminal)
  },
)
