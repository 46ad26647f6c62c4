#!/bin/sh
# base-backup.sh FOLDER: a verified base backup of the whole server (all its nodes) below FOLDER, by a timer, once a day.
# Connects as PGHOST, PGPORT, PGUSER say (a role with REPLICATION); needs the programs of the server's own version.
set -eu
folder=$1
name=$(date -u +%Y%m%dT%H%M%SZ)
pg_basebackup --pgdata="$folder/$name.partial" --format=plain --wal-method=stream --checkpoint=fast --manifest-checksums=SHA256
pg_verifybackup --quiet "$folder/$name.partial"
mv "$folder/$name.partial" "$folder/$name"
echo "$folder/$name"
