import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * The digests of the complete segments of the change feed, which signed snapshots list. Computed once from the log; the
 * key begins with `last`, because what is asked for is the newest.
 */
export const feed: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table feed_segment (
        first bigint not null,
        last bigint not null,
        digest bytea not null,
        bytes bigint not null,
        made_at timestamptz not null,
        constraint feed_segment_pkey primary key (last, first),
        constraint feed_segment_range check (first >= 1 and last >= first),
        constraint feed_segment_digest_length check (octet_length(digest) = 32),
        constraint feed_segment_bytes check (bytes > 0)
      )`.execute(db)
    await sql`
      create trigger feed_segment_append_only before update or delete on feed_segment
        for each row execute function refuse_change()`.execute(db)
    await sql`
      create trigger feed_segment_no_truncate before truncate on feed_segment
        for each statement execute function refuse_change()`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on feed_segment to %I', app);
      end $do$`.execute(db)
  },
}
