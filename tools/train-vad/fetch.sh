#!/usr/bin/env bash
# fetch.sh CACHE — downloads the Debian packages that the detector is trained on and decodes them to 16 kHz mono WAV.
# Needs apt-get, dpkg-deb, ffmpeg and espeak-ng. Everything lands in CACHE; nothing of it is committed.
set -euo pipefail
CACHE=${1:?usage: fetch.sh CACHE}
HERE=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$CACHE/deb" "$CACHE/audio"

# kind|name|package|path pattern inside the package|expressions to leave out|longest seconds
SOURCES='
speech|en|asterisk-core-sounds-en-g722|*/sounds/en_*/*.g722|silence/,beep,tone,monkeys,weasels,confbridge-join,confbridge-leave|60
speech|es|asterisk-core-sounds-es-g722|*/sounds/es_*/*.g722|silence/,beep,tone,monkeys,weasels,confbridge-join,confbridge-leave|60
speech|fr|asterisk-core-sounds-fr-g722|*/sounds/fr_*/*.g722|silence/,beep,tone,monkeys,weasels,confbridge-join,confbridge-leave|60
speech|ru|asterisk-core-sounds-ru-g722|*/sounds/ru_*/*.g722|silence/,beep,tone,monkeys,weasels,confbridge-join,confbridge-leave|60
speech|more-armelle|asterisk-prompt-fr-armelle|*/sounds/fr/*|beep|20
speech|more-colombia|asterisk-prompt-es-co|*/sounds/es/*|beep|20
speech|more-fish-cs|fillets-ng-data-cs|*/cs/*.ogg|^$|20
speech|more-fish-nl|fillets-ng-data-nl|*/nl/*.ogg|^$|20
speech|more-stamps|tuxpaint-stamps-default|*_desc*.ogg|^$|10
kt|kt|ktuberling-data|*/ktuberling/sounds/*/*|^$|10
kt|kl|klettres-data|*/klettres/*/*/*.ogg|^$|10
music|blupi|planetblupi-music-ogg|*/music00[4-9].ogg|^$|90
music|drascula|drascula-music|*.ogg|^$|60
music|hyperrogue|hyperrogue-music|*.ogg|^$|90
music|singularity|singularity-music|*.ogg|^$|60
music|wesnoth|wesnoth-1.16-music|*.ogg|^$|60
music|supertux|supertux-data|*/music/*.ogg|^$|60
music|pathological|pathological|*/music/*|^$|60
music|hold|asterisk-moh-opsound-g722|*.g722|^$|240
music|fish|fillets-ng-data|*/music/*|^$|60
music|warzone|warzone2100-music|*.opus|^$|90
music|frozen|fb-music-high|*.ogg|^$|90
music|colobot|colobot-common-sounds|*/music/*|^$|60
music|horizons|unknown-horizons|*/music/*|^$|60
music|asc|asc-music|*/music/*|^$|60
effect|keys|bucklespring-data|*/buckle/*/[01]*.wav|^$|5
effect|street|lincity-ng-data|*/sounds/*.wav|/[HRTW][^/]*.wav|10
effect|etr|extremetuxracer-data|*.wav|^$|20
effect|supertux|supertux-data|*/sounds/*.*|^$|10
effect|wesnoth|wesnoth-1.16-data|*/sounds/*.*|^$|20
effect|stamps|tuxpaint-stamps-default|*.ogg|_desc|10
effect|sonic|sonic-pi-samples|*/samples/*|vinyl|15
effect|rescue|searchandrescue-data|*/sounds/*|^$|20
effect|rally|trigger-rally-data|*.wav|codriver|20
effect|colobot|colobot-common-sounds|*/sounds/*|^$|20
effect|dink|freedink-data|*/Sound/*|^$|20
effect|horizons|unknown-horizons|*/sounds/*|^$|30
effect|torcs|torcs-data|*.wav|^$|20
music|kart|supertuxkart-data|*/music/*.ogg|^$|60
effect|kart|supertuxkart-data|*/sfx/*|^$|20
music|widelands|widelands-data|*/music/*.ogg|^$|60
effect|widelands|widelands-data|*/sound/*.ogg|taverns|20
music|droid|freedroidrpg-data|*/music/*|^$|60
effect|droid|freedroidrpg-data|*/effects/*|/effects/[^/]*_[^/]*/|20
'
cd "$CACHE"
while IFS='|' read -r kind name package pattern except longest; do
  [ -n "$kind" ] || continue
  [ -e "audio/.$kind-$name" ] && continue
  [ -d "deb/$package" ] || { (cd deb && apt-get download -qq "$package" && dpkg-deb -x "$package"_*.deb "$package" && rm "$package"_*.deb); }
  find "deb/$package" -type f -path "$pattern" | { grep -vE -e "${except//,/|}" || true; } | sort |
    while read -r file; do
      folder=$name
      # The languages of these collections are folders; Lithuanian and Slovenian are left for evaluation.
      if [ "$kind" = kt ]; then
        folder=$name-$(case $name in kt) basename "$(dirname "$file")" ;; kl) basename "$(dirname "$(dirname "$file")")" ;; esac)
        case $folder in k?-lt | k?-sl) continue ;; esac
      fi
      out=audio/${kind/kt/speech}/$folder; mkdir -p "$out"
      stem=$(basename "$file"); printf '%s\0%s\0' "$file" "$out/${stem%.*}-$(echo "$file" | cksum | cut -c1-5).wav"
    done |
    python3 "$HERE/decode.py" "$longest"
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
