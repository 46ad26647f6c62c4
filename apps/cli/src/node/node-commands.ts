import { randomUUID } from 'node:crypto'

import { defineCommand, noArguments, onlyArgument, required, type Command } from '../command.ts'
import { accessOf, callNode, KEY_OPTION, NODE_OPTIONS, withToken, type NodeRequest } from './call-node.ts'
import { writeItems, writeObject } from './node-answer.ts'

const PAGE_OPTIONS = {
  state: { type: 'string' },
  before: { type: 'string' },
  limit: { type: 'string' },
} as const

/** A command that lists what a desk has, a page at a time. `stateParameter` is what the node calls `--state`. */
export function listCommand(path: string, members: readonly string[], stateParameter = 'state'): Command {
  return defineCommand({ ...NODE_OPTIONS, ...PAGE_OPTIONS }, async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const { state, before, limit, json } = values
    const access = withToken(accessOf(values, terminal))
    const page = await callNode(access, {
      method: 'GET',
      path,
      query: { [stateParameter]: state, before, limit },
    })
    return await writeItems(page, members, { json, terminal })
  })
}

/** A command that reads one thing of whoever holds the token. */
export function showCommand(path: string): Command {
  return defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const answer = await callNode(withToken(accessOf(values, terminal)), { method: 'GET', path })
    return await writeObject(answer, values.json, terminal)
  })
}

const ACT_OPTIONS = {
  ...NODE_OPTIONS,
  ...KEY_OPTION,
  code: { type: 'string' },
  serial: { type: 'string' },
  hash: { type: 'string' },
  reason: { type: 'string' },
  'if-match': { type: 'string' },
} as const

/** The options that an act at a desk may take into its body. */
export type ActMember = 'code' | 'serial' | 'hash' | 'reason'

/** What an act at a desk needs besides the id of its object. */
export interface DeskAct {
  /** The object's name in messages, as `application`. */
  readonly what: string
  readonly path: (id: string) => string
  readonly needs: readonly ActMember[]
  readonly takes?: readonly ActMember[]
  /** Acts that assign carry a key; who gives none gets one, and cannot retry. */
  readonly assigns?: boolean
}

/** A command that does something to one object of a desk, named by its id. */
export function actCommand({ what, path, needs, takes = [], assigns = false }: DeskAct): Command {
  return defineCommand(ACT_OPTIONS, async ({ positionals, values }, terminal) => {
    const id = onlyArgument(positionals, what)
    const given = takes.filter((member) => values[member] !== undefined)
    const body = Object.fromEntries([
      ...needs.map((member) => [member, required(values[member], member)]),
      ...given.map((member) => [member, values[member]]),
    ])
    const ifMatch = values['if-match']
    const request: NodeRequest = {
      method: 'POST',
      path: path(encodeURIComponent(id)),
      body,
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(assigns ? { idempotencyKey: values['idempotency-key'] ?? randomUUID() } : {}),
    }
    const answer = await callNode(withToken(accessOf(values, terminal)), request)
    return await writeObject(answer, values.json, terminal)
  })
}
