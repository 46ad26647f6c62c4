import type { JsonObject } from '../machine/arc3088.ts'

/** An agent that the sandbox registers as people would: where it stands, whose it is, what it is. */
export interface ExampleAgent {
  readonly requester: string
  readonly ontology: string
  readonly instance: string
  readonly ontologyCode: string
  readonly code: string
  readonly applicant: {
    /** Under which its token is kept. */
    readonly key: string
    readonly name: string
    readonly nameEn: string
    readonly country: string
    readonly contact: string
    readonly identifier: string
  }
  readonly description: JsonObject
}

const REVIEW_AGENT = {
  name: { zh: '文献综述智能体', en: 'Literature Review Agent' },
  summary: {
    zh: '检索公开文献，归纳研究进展，起草带引文的综述；投稿与发布由研究人员决定。',
    en: 'Searches open literature, sums up the state of research and drafts reviews with citations; researchers decide what is submitted or published.',
  },
  version: '1.0.0',
  capabilities: [
    {
      name: 'literature-search',
      description: '检索文献数据库 search of literature databases',
      decision_authority: 'autonomous',
    },
    {
      name: 'review-drafting',
      description: '起草综述 drafting of reviews',
      decision_authority: 'user-authorised',
    },
    {
      name: 'publication',
      description: '投稿与发布 submission and publication',
      decision_authority: 'user-only',
    },
  ],
  permissions: ['model:text', 'tool:literature-database', 'data:public-literature'],
  scenario: 'scientific-research',
} as const

/** Annex C of GB/Z 185.2: Institute B's agent, registered at Company A. */
export const EXAMPLE: ExampleAgent = {
  requester: '34C2',
  ontology: '478BDF',
  instance: '3GF546',
  ontologyCode: '1.2.156.3088.1.1.34C2.478BDF.0',
  code: '1.2.156.3088.1.1.34C2.478BDF.3GF546',
  applicant: {
    key: 'institute-b',
    name: '研究院B',
    nameEn: 'Institute B',
    country: 'CN',
    contact: 'agents@institute-b.example',
    identifier: 'uscc=12100000400000001B',
  },
  description: REVIEW_AGENT,
}

/** An agent under the overseas root: recognised here by agreement. */
export const OVERSEAS_EXAMPLE: ExampleAgent = {
  requester: 'F1',
  ontology: 'AURORA',
  instance: '1',
  ontologyCode: '2.999.3088.1.1.F1.AURORA.0',
  code: '2.999.3088.1.1.F1.AURORA.1',
  applicant: {
    key: 'fjord-institute',
    name: 'Fjordinstituttet',
    nameEn: 'Fjord Institute',
    country: 'NO',
    contact: 'agenter@fjord.example',
    identifier: 'orgnr=987654321',
  },
  description: {
    ...REVIEW_AGENT,
    name: { zh: '极光观测智能体', en: 'Aurora Observation Agent' },
    summary: { zh: '汇总极光观测数据。', en: 'Gathers observations of the aurora.' },
  },
}
