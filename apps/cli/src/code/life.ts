import { defineCommand, onlyArgument, required } from '../command.ts'
import { NODE_OPTIONS, providerAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { REASON_OPTION } from '../node/options.ts'

/** `code lock`: locks an ontology, and with it every instance, or one instance. Again changes nothing. */
export const lock = lifeCommand('/v1/codes/{code}/lock')

/** `code unlock`: ends the lock; what the desk locked a reviewer unlocks. */
export const unlock = lifeCommand('/v1/codes/{code}/unlock')

/** `code retire`: retires a code for ever. It stays resolvable, and is never given again. */
export const retire = lifeCommand('/v1/codes/{code}/retire')

type LifeRoute = '/v1/codes/{code}/lock' | '/v1/codes/{code}/unlock' | '/v1/codes/{code}/retire'

function lifeCommand(route: LifeRoute) {
  return defineCommand({ ...NODE_OPTIONS, ...REASON_OPTION }, async ({ positionals, values }, terminal) => {
    const path = { code: onlyArgument(positionals, 'code') }
    const body = { reason: required(values.reason, 'reason') }
    const asking = providerAt(values, terminal).POST(route, { params: { path }, body })
    return await writeObject(await answerOf(asking), values.json, terminal)
  })
}
