#!/bin/sh
# copy-journal.sh JOURNAL_DIR FOLDER: the journal to another place than the database's backup, by a timer, once a minute.
# Files of a journal only grow; one that is shorter or other than its copy is a journal that was put back or damaged: then
# nothing of it is copied, the copy stays as it was, and the exit code is 1. Nothing is ever deleted here.
set -eu
journal=$1
folder=$2
mkdir -p "$folder"
code=0
for file in "$journal"/*.ndjson; do
  [ -e "$file" ] || continue
  copy=$folder/$(basename "$file")
  if [ -e "$copy" ]; then
    size=$(wc -c <"$copy")
    if [ "$(wc -c <"$file")" -lt "$size" ] || ! head -c "$size" "$file" | cmp -s - "$copy"; then
      echo "copy-journal: $file does not go on from its copy" >&2
      code=1
      continue
    fi
    cmp -s "$file" "$copy" && continue
  fi
  umask 077
  cp "$file" "$copy.partial"
  sync "$copy.partial"
  mv "$copy.partial" "$copy"
done
sync "$folder"
exit $code
