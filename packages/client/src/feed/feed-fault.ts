/**
 * Why a feed cannot be followed any further: trying again would bring the same, or worse, hide it. The names are for
 * programs and are never renamed.
 *
 * `feed-ahead`: the node never came as far as the consumer, so that one of the two remembers another log.
 * `feed-broken`: the changes are not in order, or are none. `snapshot-invalid`: the snapshot is not what its node
 * signed, or is not signed by it. `refused`: the node does not take the question.
 */
export type FeedFaultReason = 'feed-ahead' | 'feed-broken' | 'snapshot-invalid' | 'refused'

/** See {@link FeedFaultReason}. */
export class FeedFault extends Error {
  override readonly name = 'FeedFault'
  readonly reason: FeedFaultReason

  constructor(reason: FeedFaultReason, detail: string) {
    super(detail)
    this.reason = reason
  }
}

/** Something that may pass: a node that is away, an answer that broke off, a gateway that answers in its place. */
export class FeedTrouble extends Error {
  override readonly name = 'FeedTrouble'
  /** What the node asked to be waited. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    detail: string,
    { cause, retryAfterSeconds }: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(detail, cause === undefined ? undefined : { cause })
    this.retryAfterSeconds = retryAfterSeconds
  }
}
