#!/usr/bin/env bash
# Makes recordings from a table: file, voice, speed, pitch, text; columns after these are left alone.
# Usage: make.sh TABLE.tsv FOLDER   (needs espeak-ng, flite, festival with festvox-kdlpc16k, and sox)
set -euo pipefail
table=$1 folder=$2

# speak VOICE SPEED PITCH TEXT: WAV on standard output. Speed is espeak-ng's (words a minute), pitch too (0 to 99);
# flite and festival speak at their own.
speak() {
  case $1 in
  flite:*) flite -voice "${1#flite:}" -t "$4" -o /dev/stdout ;;
  festival:*) text2wave -eval "(voice_${1#festival:})" <<<"$4" ;;
  *) espeak-ng -v "$1" -s "$2" -p "$3" --stdout "$4" ;;
  esac
}

while IFS=$'\t' read -r file voice speed pitch text _; do
  [ "$file" = file ] && continue
  # Silence at both ends is cut, so that the end of the file is the end of the speech.
  speak "$voice" "$speed" "$pitch" "$text" </dev/null |
    sox -V1 -v 0.8 -t wav - -r 16000 -b 16 -c 1 -D "$folder/$file" \
      silence 1 0.005 0.5% reverse silence 1 0.005 0.5% reverse
done <"$table"
