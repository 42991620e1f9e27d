#!/usr/bin/env bash
# fetch.sh CACHE — downloads the Debian packages that the detector is trained on and decodes them to 16 kHz mono WAV.
# Needs apt-get, dpkg-deb, ffmpeg and espeak-ng. Everything lands in CACHE; nothing of it is committed.
set -euo pipefail
CACHE=${1:?usage: fetch.sh CACHE}
mkdir -p "$CACHE/deb" "$CACHE/audio"

# kind|name|package|path pattern inside the package|pattern to leave out|longest seconds
SOURCES='
speech|en|asterisk-core-sounds-en-g722|*/sounds/en_*/*.g722|*/silence/*|60
speech|es|asterisk-core-sounds-es-g722|*/sounds/es_*/*.g722|*/silence/*|60
speech|fr|asterisk-core-sounds-fr-g722|*/sounds/fr_*/*.g722|*/silence/*|60
speech|ru|asterisk-core-sounds-ru-g722|*/sounds/ru_*/*.g722|*/silence/*|60
kt|kt|ktuberling-data|*/ktuberling/sounds/*/*|-|10
kt|kl|klettres-data|*/klettres/*/*/*.ogg|-|10
music|blupi|planetblupi-music-ogg|*/music00[4-9].ogg|-|90
music|drascula|drascula-music|*.ogg|-|60
music|hyperrogue|hyperrogue-music|*.ogg|-|90
music|singularity|singularity-music|*.ogg|-|60
music|wesnoth|wesnoth-1.16-music|*.ogg|-|60
music|supertux|supertux-data|*/music/*.ogg|-|60
music|pathological|pathological|*/music/*|-|60
effect|keys|bucklespring-data|*/buckle/*/[01]*.wav|-|5
effect|street|lincity-ng-data|*/sounds/*.wav|*/[THW]*.wav|10
effect|etr|extremetuxracer-data|*.wav|-|20
effect|supertux|supertux-data|*/sounds/*.*|-|10
'
cd "$CACHE"
while IFS='|' read -r kind name package pattern except longest; do
  [ -n "$kind" ] || continue
  [ -e "audio/.$kind-$name" ] && continue
  [ -d "deb/$package" ] || { (cd deb && apt-get download -qq "$package" && dpkg-deb -x "$package"_*.deb "$package" && rm "$package"_*.deb); }
  find "deb/$package" -type f -path "$pattern" ! -path "$except" | sort | while read -r file; do
    folder=$name
    # The languages of these collections are folders; Lithuanian and Slovenian are left for evaluation.
    if [ "$kind" = kt ]; then
      folder=$name-$(case $name in kt) basename "$(dirname "$file")" ;; kl) basename "$(dirname "$(dirname "$file")")" ;; esac)
      case $folder in kt-lt | kt-sl) continue ;; esac
    fi
    out=audio/${kind/kt/speech}/$folder; mkdir -p "$out"
    ffmpeg -nostdin -v error -y -t "$longest" -i "$file" -ac 1 -ar 16000 "$out/$(basename "${file%.*}")-$(echo "$file" | cksum | cut -c1-5).wav" 2>/dev/null || true
  done
  touch "audio/.$kind-$name"
done <<<"$SOURCES"

# Synthetic talkers speak numbers in many languages: pitch, tempo and phonemes beyond the recorded ones.
if [ ! -e audio/.espeak ]; then
  seed=1
  for language in en-us en-gb-scotland de fr-fr es it pl ru nl sv da fi hu cs tr el pt-br ro hi id vi cmn ar fa ja ko sw ka; do
    for variant in m1 m3 m7 f1 f2 f4; do
      out=audio/speech/espeak-$variant; mkdir -p "$out"
      for take in 1 2 3; do
        seed=$(((seed * 1103515245 + 12345) % 2147483648))
        espeak-ng -v "$language+$variant" -s $((120 + seed / 7 % 80)) -p $((20 + seed / 11 % 60)) \
          "$((seed % 9871)), $((seed / 13 % 997)), $((seed / 17 % 89))" -w "$out/$language-$take.wav" 2>/dev/null || true
        [ -s "$out/$language-$take.wav" ] && ffmpeg -nostdin -v error -y -i "$out/$language-$take.wav" -ac 1 -ar 16000 "$out/$language-$take-16.wav"
        rm -f "$out/$language-$take.wav"
      done
    done
  done
  touch audio/.espeak
fi
for kind in speech music effect; do echo "$kind: $(find "audio/$kind" -name '*.wav' | wc -l) files"; done
