import { actCommand, listCommand } from '../node/node-commands.ts'

/** A provider's desk. */
export const requestersList = listCommand('/v1/desk/requesters', [
  'id',
  'state',
  'code',
  'kind',
  'name',
  'country',
])

export const requestersVerify = actCommand({
  what: 'requester',
  path: (id) => `/v1/desk/requesters/${id}/verify`,
  needs: ['reason'],
  takes: ['code'],
  assigns: true,
})
