import { writeAnswer } from '../answers.ts'
import { defineCommand, noArguments, onlyArgument, required, type Command } from '../command.ts'
import { UsageError } from '../failure.ts'
import { NODE_OPTIONS, rootAt } from '../node/access.ts'
import { answerOf, doneOf } from '../node/answer-of.ts'
import { writeItems, writeObject } from '../node/node-answer.ts'

const DAYS_DEFAULT = '90'
const DAY_MILLISECONDS = 86_400_000
const SHOWN = ['id', 'kind', 'label', 'scopes', 'expires_at'] as const

/** `desk tokens create`: makes a token; it is shown this once. */
export const create = defineCommand(
  {
    ...NODE_OPTIONS,
    label: { type: 'string' },
    scope: { type: 'string', multiple: true },
    days: { type: 'string', default: DAYS_DEFAULT },
  },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    if (!/^[1-9]\d{0,2}$/.test(values.days)) throw new UsageError('--days: 1 to 365')
    const body = {
      label: required(values.label, 'label'),
      scopes: values.scope ?? null,
      expires_at: new Date(terminal.now().getTime() + Number(values.days) * DAY_MILLISECONDS).toISOString(),
    }
    const token = await answerOf(rootAt(values, terminal).POST('/v1/desk/tokens', { body }))
    return await writeObject(token, values.json, terminal)
  },
)

/** `desk tokens list`: what one holds that is in force. */
export const list = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  noArguments(positionals)
  const { items } = await answerOf(rootAt(values, terminal).GET('/v1/desk/tokens'))
  return await writeItems(items, SHOWN, { json: values.json, terminal })
})

/** The id of a token is base64url: one in 64 begins with a dash, and is no option for it. */
const ID_WITH_DASH = /^-[\w-]{21}$/

const revokeOne = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  const id = onlyArgument(positionals, 'token')
  await doneOf(rootAt(values, terminal).DELETE('/v1/desk/tokens/{id}', { params: { path: { id } } }))
  return await writeAnswer(
    { json: { revoked: id }, text: `revoked ${id}`, exitCode: 0 },
    values.json,
    terminal,
  )
})

/** `desk tokens revoke`: ends a token or a session. */
export const revoke: Command = async (argv, terminal) => {
  const id = argv.find((argument) => ID_WITH_DASH.test(argument))
  const rest = argv.filter((argument) => argument !== id)
  return await revokeOne(id === undefined ? argv : [...rest, '--', id], terminal)
}
