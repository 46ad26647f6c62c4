/** Annex C of GB/Z 185.2: Institute B's agent, registered at Company A. */
export const EXAMPLE = {
  requester: '34C2',
  ontology: '478BDF',
  instance: '3GF546',
  ontologyCode: '1.2.156.3088.1.1.34C2.478BDF.0',
  code: '1.2.156.3088.1.1.34C2.478BDF.3GF546',
} as const

/** The requester of the example. */
export const INSTITUTE_B = {
  key: 'institute-b',
  name: '研究院B',
  nameEn: 'Institute B',
  country: 'CN',
  contact: 'agents@institute-b.example',
  identifier: 'uscc=12100000400000001B',
} as const

/** What Institute B says of its agent. */
export const DESCRIPTION = {
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
