import { actCommand, listCommand } from '../node/node-commands.ts'

/** The competent authority's desk, at a root. */
export const applicationsList = listCommand('/v1/desk/applications', [
  'id',
  'state',
  'entity_id',
  'kind',
  'wished_code',
  'applied_at',
])

export const applicationsTake = actCommand({
  what: 'application',
  path: (id) => `/v1/desk/applications/${id}/take`,
  needs: [],
})

export const applicationsPropose = actCommand({
  what: 'application',
  path: (id) => `/v1/desk/applications/${id}/propose-approval`,
  needs: ['reason'],
  takes: ['code'],
})

export const proposalsList = listCommand('/v1/desk/proposals', [
  'id',
  'state',
  'kind',
  'hash',
  'payload',
  'expires_at',
])

/** The hash is that of what the officer read: a vote is bound to it. */
export const proposalsApprove = actCommand({
  what: 'proposal',
  path: (id) => `/v1/desk/proposals/${id}/approve`,
  needs: ['hash', 'reason'],
  assigns: true,
})

export const proposalsReject = actCommand({
  what: 'proposal',
  path: (id) => `/v1/desk/proposals/${id}/reject`,
  needs: ['hash', 'reason'],
})
