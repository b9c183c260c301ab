#!/bin/sh
# Transcription beside whisper.cpp's own program: the same build, model and cores.
# usage: bench.sh LYDHOR WHISPER_CLI; `make bench-transcribe` does it.
set -eu
lydhor=$1 cli=$2
here=$(dirname "$0")
model=$here/ggml-demo-da-q5_0.bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run WHAT COMMAND...: wall seconds, processor seconds, peak memory; output in $work/WHAT
run() {
	what=$1
	shift
	/usr/bin/time -f "$what: %e s wall, %U + %S s processor, %M KB peak" -o "$work/time" "$@" >"$work/$what" 2>"$work/err" || cat "$work/err"
	cat "$work/time"
}
sound() { ffmpeg -v error -i "$1" -ac 1 -ar 16000 "$work/$2.wav"; }

for recording in flip-borgerinddragelse.ogg samtale-lager.flac samtale-boernehave.ogg; do
	name=${recording%%.*}
	sound "$here/recordings/$recording" "$name"
	run whisper-cli "$cli" -m "$model" -l da -mc 0 -np -t "$(nproc)" -f "$work/$name.wav"
	run lydhor-run "$lydhor" run --out "$work/out-$name" "$here/recordings/$recording"
	run lydhor "$lydhor" transcribe --json "$here/recordings/$recording"
	mv "$work/lydhor" "$work/lydhor.json"
	sed 's/^\[[^]]*\] *//' "$work/whisper-cli" >"$work/whisper-cli.txt"
	for hyp in whisper-cli.txt lydhor.json; do
		echo "$hyp: $("$lydhor" eval asr --ref "$here/recordings/$name.json" --hyp "$work/$hyp" 2>&1)"
	done
	echo "lydhor.json: $("$lydhor" eval times --ref "$here/recordings/$name.json" --hyp "$work/lydhor.json")"
done

for i in $(seq 19); do echo "file '$work/flip-borgerinddragelse.wav'"; done >"$work/list"
ffmpeg -v error -f concat -safe 0 -i "$work/list" -t 10800 -c copy "$work/three-hours.wav"
run lydhor-3-hours "$lydhor" transcribe --json "$work/three-hours.wav"
run lydhor-3-hours-4-states "$lydhor" transcribe --threads 4 --json "$work/three-hours.wav"

ffmpeg -v error -f lavfi -i anullsrc=r=16000:cl=mono -t 600 "$work/silence.wav"
ffmpeg -v error -f lavfi -i anoisesrc=r=16000:a=0.1:seed=1 -t 600 "$work/noise.wav"
for nothing in silence noise; do
	run "$nothing" "$lydhor" transcribe "$work/$nothing.wav"
	echo "$nothing: $(wc -c <"$work/$nothing") bytes of text"
done
