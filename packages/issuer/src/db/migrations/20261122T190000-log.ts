import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * The transparency log (W8): the state that its leader writes under a term, the tiles of the tree and of its entries,
 * where each record stands, and the checkpoints. What a log has said it can never take back, so that tiles only widen,
 * sizes and terms only grow, and a checkpoint gains signatures and loses none.
 */
export const transparencyLog: Migration = {
  async up(db: Kysely<unknown>) {
    await createState(db)
    await createTiles(db)
    await createPositions(db)
    await createCheckpoints(db)
    // Rows are written once and deleted once: vacuum by count, whatever the size of the backlog was.
    await sql`
      alter table log_queue set (
        autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000)`.execute(db)
    await sql`
      do $do$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
        execute format('grant select, insert on log_state, log_tile, log_position, log_checkpoint to %I', app);
        execute format('grant update (term, size, root) on log_state to %I', app);
        execute format('grant update (width, data) on log_tile to %I', app);
        execute format('grant update (note, published_at, witnessed_at, kept), delete on log_checkpoint to %I', app);
      end $do$`.execute(db)
  },
}

async function createState(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table log_state (
      sole boolean not null default true,
      origin text not null,
      term bigint not null,
      size bigint not null,
      root bytea not null,
      constraint log_state_pkey primary key (sole),
      constraint log_state_sole check (sole),
      constraint log_state_origin_length check (length(origin) between 1 and 255),
      constraint log_state_term check (term >= 0),
      constraint log_state_size check (size >= 0),
      constraint log_state_root_length check (octet_length(root) = 32)
    )`.execute(db)
  await sql`
    create trigger log_state_only_grows before update on log_state
      for each row when (
        new.origin <> old.origin or new.term < old.term or new.size < old.size
        or (new.size = old.size and new.root <> old.root)
      ) execute function refuse_change()`.execute(db)
  await refuse(db, 'log_state', 'delete')
}

async function createTiles(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table log_tile (
      level smallint not null,
      index bigint not null,
      width smallint not null,
      data bytea not null,
      constraint log_tile_pkey primary key (level, index),
      constraint log_tile_level check (level between -1 and 6),
      constraint log_tile_index check (index >= 0),
      constraint log_tile_width check (width between 1 and 256),
      constraint log_tile_hashes check (level = -1 or octet_length(data) = 32 * width)
    ) with (
      -- The right edge is rewritten with every drain; the rest never changes, so that its size says nothing.
      autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
      toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 50000
    )`.execute(db)
  await sql`
    create trigger log_tile_only_widens before update on log_tile
      for each row when (
        old.width = 256 or new.width <= old.width or new.level <> old.level or new.index <> old.index
        or substring(new.data for octet_length(old.data)) <> old.data
      ) execute function refuse_change()`.execute(db)
  await refuse(db, 'log_tile', 'delete')
}

async function createPositions(db: Kysely<unknown>): Promise<void> {
  // Looked up by a hash, so it cannot be keyed by requester: a table of the whole node, like the log itself.
  await sql`
    create table log_position (
      hash64 bigint not null,
      position bigint not null,
      constraint log_position_pkey primary key (hash64, position),
      constraint log_position_position check (position >= 0)
    )`.execute(db)
  await refuse(db, 'log_position', 'update or delete')
}

async function createCheckpoints(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table log_checkpoint (
      size bigint not null,
      note text not null,
      signed_at timestamptz not null,
      published_at timestamptz,
      witnessed_at timestamptz,
      kept boolean not null default false,
      constraint log_checkpoint_pkey primary key (size),
      constraint log_checkpoint_size check (size >= 0),
      constraint log_checkpoint_witnessed check (witnessed_at is null or published_at is not null),
      constraint log_checkpoint_kept check (not kept or published_at is not null)
    )`.execute(db)
  await sql`
    create index log_checkpoint_witnessed_idx on log_checkpoint (size) where witnessed_at is not null`.execute(
    db,
  )
  await sql`
    create trigger log_checkpoint_only_gains before update on log_checkpoint
      for each row when (
        new.size <> old.size or new.signed_at <> old.signed_at
        or substring(new.note for length(old.note)) <> old.note
        or (old.published_at is not null and new.published_at is distinct from old.published_at)
        or (old.witnessed_at is not null and new.witnessed_at is distinct from old.witnessed_at)
        or (old.kept and not new.kept)
      ) execute function refuse_change()`.execute(db)
  await sql`
    create trigger log_checkpoint_kept_stays before delete on log_checkpoint
      for each row when (old.kept) execute function refuse_change()`.execute(db)
  await refuse(db, 'log_checkpoint')
}

/** Refuses row events for good, and truncation always. */
async function refuse(
  db: Kysely<unknown>,
  table: string,
  events?: 'delete' | 'update or delete',
): Promise<void> {
  if (events !== undefined) {
    await sql`
      create trigger ${sql.id(`${table}_stays`)} before ${sql.raw(events)} on ${sql.id(table)}
        for each row execute function refuse_change()`.execute(db)
  }
  await sql`
    create trigger ${sql.id(`${table}_no_truncate`)} before truncate on ${sql.id(table)}
      for each statement execute function refuse_change()`.execute(db)
}
