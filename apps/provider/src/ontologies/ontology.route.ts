import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  problems,
  type ServiceEnv,
  pageResponse,
  toPage,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import { Description } from '../descriptions/description.ts'
import {
  etagOf,
  ONTOLOGY_PAGE_QUERY,
  OntologyView,
  readIfMatch,
  ReviewStateName,
  viewOf,
} from '../http/ontology-view.ts'
import type { ProviderAction } from '../permissions.ts'
import { draftOntology, editOntology, submitOntology } from './draft-ontology.ts'
import { OPEN_ONTOLOGIES_MAX } from './ontology.ts'
import { readOwnOntologies, readOwnOntology } from './read-ontologies.ts'

const Id = z.strictObject({ id: z.uuid() })
const OWN = guard<ProviderAction>('ontology:own')
const Draft = z.strictObject({ description: Description }).openapi('OntologyDraft')
const draftBody = { required: true, content: { 'application/json': { schema: Draft } } }
const view = (description: string) => ({
  description,
  content: { 'application/json': { schema: OntologyView } },
})
const OWN_PROBLEMS = [...COMMON_PROBLEMS, 'requester-state', 'awaiting-assignment'] as const

const createDraftRoute = createRoute({
  method: 'post',
  path: '/v1/ontologies',
  summary: `Put an agent down as a draft (GB/Z 185.2 table A.1 row 2); at most ${OPEN_ONTOLOGIES_MAX} may be open at a time`,
  ...OWN,
  request: { body: draftBody },
  responses: { 201: view('The draft'), ...problems(...OWN_PROBLEMS, 'drafts-too-many') },
})

const listRoute = createRoute({
  method: 'get',
  path: '/v1/ontologies',
  summary: "The caller's ontologies, newest first",
  ...OWN,
  request: {
    query: z.strictObject({
      review: ReviewStateName.optional(),
      ...ONTOLOGY_PAGE_QUERY,
    }),
  },
  responses: {
    200: pageResponse('OntologyPage', OntologyView),
    ...problems(...OWN_PROBLEMS),
  },
})

const readRoute = createRoute({
  method: 'get',
  path: '/v1/ontologies/{id}',
  summary: 'One ontology of the caller',
  ...OWN,
  request: { params: Id },
  responses: { 200: view('The ontology'), ...problems(...OWN_PROBLEMS, 'ontology-not-found') },
})

const editRoute = createRoute({
  method: 'put',
  path: '/v1/ontologies/{id}',
  summary: 'Replace the description of a draft, or of one that was returned; needs If-Match',
  ...OWN,
  request: { params: Id, headers: z.object({ 'if-match': z.string().optional() }), body: draftBody },
  responses: {
    200: view('The draft as it is now'),
    ...problems(
      ...OWN_PROBLEMS,
      'ontology-not-found',
      'ontology-state',
      'precondition-required',
      'precondition-failed',
    ),
  },
})

const submitRoute = createRoute({
  method: 'post',
  path: '/v1/ontologies/{id}/submit',
  summary: 'Hand a draft to the desk',
  ...OWN,
  request: { params: Id },
  responses: { 200: view('Submitted'), ...problems(...OWN_PROBLEMS, 'ontology-not-found', 'ontology-state') },
})

/** Ontologies, seen by their requesters. */
export function ontologyRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(createDraftRoute, async (c) => {
      const draft = await draftOntology(deps, c.get('principal').id, c.req.valid('json').description)
      return c.json(viewOf(deps, draft), 201, etagOf(draft))
    })
    .openapi(listRoute, async (c) => {
      const page = c.req.valid('query')
      const ontologies = await readOwnOntologies(deps, c.get('principal').id, page)
      return c.json(
        toPage(
          ontologies.map((ontology) => viewOf(deps, ontology)),
          page.limit,
        ),
        200,
      )
    })
    .openapi(readRoute, async (c) => {
      const ontology = await readOwnOntology(deps, c.get('principal').id, c.req.valid('param').id)
      return c.json(viewOf(deps, ontology), 200, etagOf(ontology))
    })
    .openapi(editRoute, async (c) => {
      const edited = await editOntology(deps, {
        id: c.req.valid('param').id,
        requesterId: c.get('principal').id,
        version: readIfMatch(c.req.header('if-match')),
        description: c.req.valid('json').description,
      })
      return c.json(viewOf(deps, edited), 200, etagOf(edited))
    })
    .openapi(submitRoute, async (c) => {
      const { id } = c.req.valid('param')
      const submitted = await submitOntology(deps, { id, requesterId: c.get('principal').id })
      return c.json(viewOf(deps, submitted), 200, etagOf(submitted))
    })
}
