#!/usr/bin/env bash
# usage: eval.sh LYDHOR CORPUS MODELS [PATH...] — who spoke when against the references, by path:
# the folders of CORPUS that hold sound, RTTM and UEM, then the demo recordings; then time
# and memory on one core for the FLIP demo played over and over.
set -euo pipefail
lydhor=$1 corpus=$2
export LYDHOR_MODELS=$3
shift 3
mdeval=/usr/lib/sctk/bin/md-eval.pl # of Debian's sctk, to check our figures by
demo=$(dirname "$0")/../demo/recordings
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# hear PATH open|given COUNT FLAGS FILES...: RTTM; COUNT gives the speakers of a file's reference
hear() {
	local path=$1 count=$2 speakers=$3 flags=$4 file
	for file in "${@:5}"; do
		[ "$count" = open ] || flags="--speakers $($speakers "${file%.*}")"
		"$lydhor" diarise --path "$path" --rttm $flags "$file" 2>/dev/null
	done
}
of_rttm() { awk '{print $8}' "$1.rttm" | sort -u | wc -l; }
of_json() { grep -c '"code":' "$1.json"; }
each() { printf -- "$1 %s " "${@:2}"; }

score() { # TITLE HYPOTHESES FLAGS...
	echo
	echo "$1"
	"$lydhor" eval diarisation --hyp "$2" "${@:3}"
}

corpora() { # PATH COUNT
	local set hyp=$work/hyp.rttm marks
	for set in ami simulated; do
		[ -d "$corpus/$set" ] || { echo "no $corpus/$set: left out"; continue; }
		hear "$1" "$2" of_rttm "" "$corpus/$set"/*.flac >"$hyp"
		marks="$(each --ref "$corpus/$set"/*.rttm) $(each --uem "$corpus/$set"/*.uem)"
		score "$set, path $1, number of speakers $2" "$hyp" $marks
		[ ! -x "$mdeval" ] || echo "md-eval.pl: $("$mdeval" -r <(cat "$corpus/$set"/*.rttm) -u <(cat "$corpus/$set"/*.uem) -s "$hyp" 2>/dev/null | grep -o 'OVERALL SPEAKER.*percent')"
		[ $set = ami ] || score "$set, path $1, number of speakers $2, collar 0.25 s" "$hyp" $marks --collar 0.25
	done
}

demos() { # PATH COUNT: open says what kind of conversation it is, as run does
	local hyp=$work/hyp.rttm
	hear "$1" "$2" of_json "--kind conversation" "$demo"/samtale-*.{flac,ogg,wav} >"$hyp"
	hear "$1" "$2" of_json "--kind flip" "$demo"/flip-*.ogg >>"$hyp"
	score "demo recordings, path $1, number of speakers $([ "$2" = given ] && echo given || echo by kind)" "$hyp" $(each --ref "$demo"/*.json)
}

words() { # PATH: the words of each demo recording, given to the speakers that demos heard last
	local ref id flags=
	for ref in "$demo"/*.json; do
		id=$(basename "$ref" .json)
		awk -v id=$id '$2 == id' "$work/hyp.rttm" >"$work/$id.rttm"
		flags+="--ref $ref --speakers $work/$id.rttm "
	done
	echo
	echo "words to speakers: the words and times of the demo recordings' references, speakers of path $1"
	"$lydhor" eval assembly $flags
}

costs() { # PATH
	local seconds took
	echo
	echo "one core, path $1: sound, processor time, share of real time, memory"
	for seconds in 600 3600 10800; do
		ffmpeg -v error -y -stream_loop -1 -i "$demo/flip-borgerinddragelse.ogg" -t $seconds -ac 1 -ar 16000 "$work/long.wav"
		took=$(GOMAXPROCS=1 /usr/bin/time -f '%U %S %M' "$lydhor" diarise --path "$1" --kind flip --rttm "$work/long.wav" 2>&1 >/dev/null | tail -1)
		awk -v s=$seconds '{printf "%6d s %7.1f s  %.4f %5d MB\n", s, $1 + $2, ($1 + $2) / s, $3 / 1024}' <<<"$took"
	done
}

twelve() { # PATH: three hours of twelve voices: the four of the FLIP demo as they are, lower and higher, over and over
	local shift seconds=584 from=0 flags took
	: >"$work/once.rttm"
	for shift in 1 0.8 1.25; do
		ffmpeg -v error -y -i "$demo/flip-borgerinddragelse.ogg" -af "aresample=16000,asetrate=16000*$shift,aresample=16000,atempo=1/$shift,apad" -t $seconds -ac 1 "$work/$shift.wav"
		awk -F'[:,]' -v shift=$shift -v from=$from '/^   "speaker"/ {gsub(/[" ]/, "", $2); who = $2}
			/^   "start"/ {start = $2} /^   "end"/ {print start + from, $2 - start, who shift}' "$demo/flip-borgerinddragelse.json" >>"$work/once.rttm"
		from=$((from + seconds))
	done
	ffmpeg -v error -y -i "$work/1.wav" -i "$work/0.8.wav" -i "$work/1.25.wav" -filter_complex concat=n=3:v=0:a=1 "$work/once.wav"
	ffmpeg -v error -y -stream_loop -1 -i "$work/once.wav" -t 10800 "$work/twelve.wav"
	for ((at = 0; at < 10800; at += from)); do
		awk -v at=$at 'at + $1 + $2 < 10800 {print "SPEAKER twelve 1", at + $1, $2, "<NA> <NA>", $3, "<NA> <NA>"}' "$work/once.rttm"
	done >"$work/twelve-ref.rttm"
	for flags in "--kind flip" ""; do
		took=$(GOMAXPROCS=1 /usr/bin/time -f '%U %S %M' "$lydhor" diarise --path "$1" --rttm $flags "$work/twelve.wav" 2>&1 >"$work/twelve.rttm" | tail -1)
		awk -v t="three hours, twelve voices, path $1 ${flags:-number open}" -v n=$(of_rttm "$work/twelve") '{printf "\n%s: %d heard, %.1f s on one core, %.4f of real time, %d MB\n", t, n, $1 + $2, ($1 + $2) / 10800, $3 / 1024}' <<<"$took"
		"$lydhor" eval diarisation --ref "$work/twelve-ref.rttm" --hyp "$work/twelve.rttm"
	done
}

[ $# -gt 0 ] || set embedded silero dvector pyannote

for path in "$@"; do
	"$lydhor" diarise --path $path --rttm "$demo/samtale-boernehave-kort.wav" 2>&1 >/dev/null | grep 'lydhor diarise:' && { echo "path $path left out"; continue; }
	for count in open given; do
		corpora $path $count
		demos $path $count
	done
	words $path
	costs $path
	[ $path != embedded ] || twelve $path
done
