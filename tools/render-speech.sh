#!/usr/bin/env bash
# Renders the dialogue of `mc demo`: two talkers, a file each, silent while the other talks but for one
# piece of double talk. Needs espeak-ng (1.51 made the committed files) and sox.
#
#     tools/render-speech.sh [FOLDER]        # default: crates/mc-cli/assets/speech
set -euo pipefail

folder=${1:-"$(dirname "$0")/../crates/mc-cli/assets/speech"}
seconds=20
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# talker NAME VOICE PITCH (START TEXT)...: one sentence after the other, each at its second.
talker() {
    local name=$1 voice=$2 pitch=$3 parts=()
    shift 3
    while (($#)); do
        local part="$work/$name-${#parts[@]}"
        espeak-ng -v "$voice" -p "$pitch" -s 172 -w "$part-dry.wav" "$2"
        # -R -D: the same bytes on every run. Telephone band: 8 kHz, nothing below 200 Hz.
        sox -R -D "$part-dry.wav" -r 8000 -b 16 "$part.wav" gain -3 highpass 200 rate -v 8000 pad "$1"
        parts+=(-v 1 "$part.wav")
        shift 2
    done
    # -V1: that `trim` leaves some of the padding over is meant.
    sox -V1 -R -D -m "${parts[@]}" -b 16 "$folder/$name.wav" pad 0 "$seconds" trim 0 "$seconds"
}

mkdir -p "$folder"
talker ben en-us 42 \
    0.25 "Good morning Ada, this is Ben. Your bicycle is ready, and the brakes are as good as new." \
    9.8 "Of course. We are open until six. Please bring the yellow ticket, and mind the rain." \
    15.9 "Then see you later, Ada."
talker ada en+f2 55 \
    5.6 "Oh, that is wonderful news! Can I fetch it this afternoon?" \
    12.9 "The yellow one, yes, I have it here." \
    17.7 "Thank you, Ben. Goodbye!"
