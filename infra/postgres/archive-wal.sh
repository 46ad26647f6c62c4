#!/bin/sh
# archive-wal.sh SEGMENT TARGET: PostgreSQL's archive_command. Exits 0 only once the copy is on the disk under its name;
# never overwrites a segment by another, which would be of another life of the database.
set -eu
segment=$1
target=$2
if [ -e "$target" ]; then
  # After a crash PostgreSQL archives a segment again.
  if cmp -s "$segment" "$target"; then exit 0; fi
  echo "archive-wal: $target is there, and is another segment" >&2
  exit 1
fi
partial=$target.partial.$$
trap 'rm -f "$partial"' EXIT
cp "$segment" "$partial"
sync "$partial"
# A hard link fails where the name was taken meanwhile; a rename would not.
ln "$partial" "$target"
sync "$(dirname "$target")"
