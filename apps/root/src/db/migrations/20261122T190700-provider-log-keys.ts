import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A log stays what it is while the keys that sign its checkpoints change, each endorsed before its first use (W8). */
export const providerLogKeys: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create or replace function refuse_other_log() returns trigger language plpgsql as $$
      begin
        if old.tlog is not null and (new.tlog is null or new.tlog - 'vkeys' is distinct from old.tlog - 'vkeys') then
          raise exception 'the log of provider % is known already', old.code
            using errcode = 'restrict_violation', constraint = 'provider_tlog_once';
        end if;
        return new;
      end $$`.execute(db)
  },
}
