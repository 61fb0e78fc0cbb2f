#!/usr/bin/env bash
# Makes recordings from a table: file, voice, speed, pitch, text; columns after these are left alone.
# Usage: make.sh TABLE.tsv FOLDER   (needs espeak-ng, flite, festival with festvox-kdlpc16k, and sox)
set -euo pipefail
table=$1 folder=$2
spoken=$(mktemp --suffix .wav)
trap 'rm -f "$spoken"' EXIT

# speak VOICE SPEED PITCH TEXT. Speed (words a minute) and pitch (0 to 99) are espeak-ng's; the others have their own.
speak() {
  case $1 in
  flite:*) flite -voice "${1#flite:}" -t "$4" -o "$spoken" ;;
  festival:*) text2wave -eval "(voice_${1#festival:})" -o "$spoken" <<<"$4" ;;
  *) espeak-ng -v "$1" -s "$2" -p "$3" -w "$spoken" "$4" ;;
  esac
}

while IFS=$'\t' read -r file voice speed pitch text _; do
  case $voice in *-*+* | *:*) ;; *) continue ;; esac # a heading, or somebody's real voice
  speak "$voice" "$speed" "$pitch" "$text" </dev/null
  # Silence at both ends is cut, so that the end of the file is the end of the speech.
  sox -V1 -v 0.8 "$spoken" -r 16000 -b 16 -c 1 -D "$folder/$file" \
    silence 1 0.005 0.5% reverse silence 1 0.005 0.5% reverse
done <"$table"
