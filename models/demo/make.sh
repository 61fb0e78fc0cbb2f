#!/usr/bin/env bash
# Makes the recordings of the demo, or of any table like its own: file, espeak-ng voice, speed, pitch, text.
# Usage: make.sh TABLE.tsv FOLDER   (needs espeak-ng and sox)
set -euo pipefail
table=$1 folder=$2
while IFS=$'\t' read -r file voice speed pitch text; do
  [ "$file" = file ] && continue
  # Silence at both ends is cut, so that the end of the file is the end of the speech.
  espeak-ng -v "$voice" -s "$speed" -p "$pitch" --stdout "$text" |
    sox -V1 -v 0.8 -t wav - -r 16000 -b 16 -c 1 -D "$folder/$file" \
      silence 1 0.005 0.5% reverse silence 1 0.005 0.5% reverse </dev/stdin
done <"$table"
