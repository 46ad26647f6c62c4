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

export const ontologiesList = listCommand(
  '/v1/desk/ontologies',
  ['id', 'review', 'code', 'requester', 'description'],
  'review',
)

export const ontologiesTake = actCommand({
  what: 'ontology',
  path: (id) => `/v1/desk/ontologies/${id}/take`,
  needs: [],
})

export const ontologiesApprove = actCommand({
  what: 'ontology',
  path: (id) => `/v1/desk/ontologies/${id}/approve`,
  needs: ['reason'],
  takes: ['serial'],
  assigns: true,
})

export const ontologiesReturn = actCommand({
  what: 'ontology',
  path: (id) => `/v1/desk/ontologies/${id}/return`,
  needs: ['reason'],
})

export const ontologiesReject = actCommand({
  what: 'ontology',
  path: (id) => `/v1/desk/ontologies/${id}/reject`,
  needs: ['reason'],
})
