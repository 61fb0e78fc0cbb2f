#!/usr/bin/env bash
# Makes a starter model again: make.sh stt|turn|llm
# For a trial of the recipe: EVERY=100 MINUTES=0.2 TOP_MINUTES=0.2 MORE_MINUTES=0.2 LAST_MINUTES=0.2
# RECORDINGS: a folder with speechocean762/, speech-commands/, wake-words/, lj/ and their transcripts.tsv
# TEXT: LJ Speech's metadata.csv    WHISPER: the encoder_model.onnx of Whisper tiny.en
# EXAMPLES: a folder of WordNet's data files, /usr/share/wordnet if it is not said
# VOICES: a folder of voices in Piper's format, each a folder with model.onnx and model.onnx.json
set -euo pipefail
for name in RECORDINGS TEXT WHISPER VOICES EXAMPLES; do
  [ -z "${!name:-}" ] && continue
  [ -e "${!name}" ] || { echo "make.sh: $name=${!name} is not there" >&2; exit 2; }
  export "$name=$(realpath "${!name}")"
done
cd "$(dirname "$0")"
EVERY=${EVERY:-1}

features() { python3 make_features.py "$@" --every "$EVERY"; }

stt() {
  : "${RECORDINGS:?}" "${TEXT:?}" "${WHISPER:?}" "${VOICES:?}" "${EXAMPLES:=/usr/share/wordnet}"
  [ -e "$EXAMPLES/data.verb" ] || { echo "make.sh: no WordNet in $EXAMPLES; Debian's is in wordnet-base" >&2; exit 2; }
  features test --text "$TEXT"
  features people-test --recordings "$RECORDINGS"
  for seed in 21 25 27; do features people --recordings "$RECORDINGS" --seed "$seed"; done
  for seed in 27 29; do features words --recordings "$RECORDINGS" --seed "$seed"; done
  local texts=(--text "$TEXT" --examples "$EXAMPLES")
  for seed in 11 12 13 15 17 19; do
    features synthetic "${texts[@]}" --seed "$seed" --requests 2500 --general 5500
  done
  local voices=() model
  for model in "$VOICES"/*/model.onnx; do voices+=(--voice "$model"); done
  for seed in 14 16 18; do
    features neural "${texts[@]}" "${voices[@]}" --seed "$seed" --requests 1000 --general 3000
  done
  features noise --seed 31
  local heard=(people21 people25 people27 words27 words29 synthetic{11,12,13,15,17,19} neural{14,16,18} noise31)
  python3 train_stt.py stt.pt "${heard[@]}" --minutes "${MINUTES:-40}" --steady 0.25 --start "$WHISPER"
  python3 train_stt_top.py stt.pt "${heard[@]}" --minutes "${TOP_MINUTES:-60}"
  python3 train_stt_top.py stt.pt "${heard[@]}" --minutes "${MORE_MINUTES:-60}" --share-new 0.6
  python3 export_stt.py stt.pt ../starter/stt
  python3 train_word_model.py ../starter/stt/words.arpa "${texts[@]}"
  python3 tune_search.py --text "$TEXT" --recordings "$RECORDINGS" --every $((2 * EVERY)) # prints, as the next,
  python3 calibrate.py --text "$TEXT" --recordings "$RECORDINGS" --every "$EVERY" # what belongs into engines/stt/beam_search.ts
  python3 measure_recordings.py ../../tests/fixtures/speech/transcripts.tsv
}

turn() {
  python3 train_turn.py ../starter/turn/words.json --text "${TEXT:?}"
}

llm() {
  python3 make_heard.py pairs.tsv --text "${TEXT:?}" --count $((1500 / EVERY))
  python3 confusions.py pairs.tsv
  python3 train_llm.py llm.pt --text "$TEXT" --minutes "${MINUTES:-42}"
  python3 train_llm.py llm.pt --text "$TEXT" --minutes "${MORE_MINUTES:-60}" --seed 2 --rate 0.5
  python3 train_llm.py llm.pt --text "$TEXT" --minutes "${LAST_MINUTES:-20}" --seed 6 --rate 0.3
  python3 export_llm.py llm.pt ../starter/llm
}

case "${1:-}" in
stt | turn | llm) "$1" ;;
*)
  echo "make.sh stt|turn|llm, with RECORDINGS, TEXT and WHISPER set: see README.md" >&2
  exit 2
  ;;
esac
