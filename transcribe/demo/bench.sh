#!/bin/sh
# Transcription beside whisper.cpp's own program: the same build, model and cores. Prints the
# tables of docs/benchmarks.md. usage: bench.sh LYDHOR WHISPER_CLI; `make bench-transcribe` does it.
set -eu
lydhor=$1 cli=$2
here=$(dirname "$0")
model=$here/ggml-demo-da-q5_0.bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run WHAT COMMAND...: output in $work/WHAT; $wall and $cpu in seconds, $peak in MB
run() {
	what=$1
	shift
	/usr/bin/time -f "%e %U %S %M" -o "$work/time" "$@" >"$work/$what" 2>"$work/err" || cat "$work/err" >&2
	read -r wall user sys kb <<-END
		$(tail -n 1 "$work/time")
	END
	cpu=$(echo "$user $sys" | awk '{ printf "%.1f", $1 + $2 }')
	peak=$((kb / 1000))
}
sound() { ffmpeg -v error -i "$1" -ac 1 -ar 16000 "$work/$2.wav"; }
# wer NAME TEXT: as in 8.64 % (6.70-10.65)
wer() {
	"$lydhor" eval asr --ref "$here/recordings/$1.json" --hyp "$work/$2" 2>/dev/null |
		sed -n 's/^WER *\([0-9.]* %\) (95 % band \([0-9.]*\) % to \([0-9.]*\) %).* \([0-9]*\) words$/\4 words: \1 (\2-\3)/p'
}

echo "$(nproc) cores, $(cut -d' ' -f1-3 /proc/loadavg) load"
echo "| recording | whisper-cli WER (95 % band) | lydhor WER (95 % band) | whisper-cli wall, processor | lydhor wall, processor, peak | ratio of walls | word starts |"
echo "|---|---|---|---|---|---|---|"
for recording in flip-borgerinddragelse.ogg samtale-lager.flac samtale-boernehave.ogg; do
	name=${recording%%.*}
	sound "$here/recordings/$recording" "$name"
	run whisper-cli "$cli" -m "$model" -l da -mc 0 -np -t "$(nproc)" -f "$work/$name.wav"
	theirs="$wall s, $cpu s" their=$wall
	run lydhor.json "$lydhor" transcribe --json "$here/recordings/$recording"
	sed 's/^\[[^]]*\] *//' "$work/whisper-cli" >"$work/whisper-cli.txt"
	starts=$("$lydhor" eval times --ref "$here/recordings/$name.json" --hyp "$work/lydhor.json" 2>/dev/null | head -n 1)
	echo "| $name | $(wer "$name" whisper-cli.txt) | $(wer "$name" lydhor.json) | $theirs | $wall s, $cpu s, $peak MB | $(echo "$wall $their" | awk '{ printf "%.2f", $1 / $2 }') | $starts |"
done

echo
echo "| | wall, processor | peak |"
echo "|---|---|---|"
run whole "$lydhor" run --out "$work/out" "$here/recordings/flip-borgerinddragelse.ogg"
echo "| the whole path, FLIP | $wall s, $cpu s | $peak MB |"
for i in $(seq 19); do echo "file '$work/flip-borgerinddragelse.wav'"; done >"$work/list"
ffmpeg -v error -f concat -safe 0 -i "$work/list" -t 10800 -c copy "$work/three-hours.wav"
run three-hours "$lydhor" transcribe --json "$work/three-hours.wav"
echo "| 3 hours | $wall s, $cpu s | $peak MB |"
run four-states "$lydhor" transcribe --threads 4 --json "$work/three-hours.wav"
echo "| 3 hours, 4 states | $wall s, $cpu s | $peak MB |"

ffmpeg -v error -f lavfi -i anullsrc=r=16000:cl=mono -t 600 "$work/silence.wav"
ffmpeg -v error -f lavfi -i anoisesrc=r=16000:a=0.1:seed=1 -t 600 "$work/noise.wav"
for nothing in silence noise; do
	run "$nothing" "$lydhor" transcribe "$work/$nothing.wav"
	echo "| 10 minutes of $nothing: $(wc -c <"$work/$nothing") bytes of text | $wall s, $cpu s | $peak MB |"
done
