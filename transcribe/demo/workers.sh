#!/bin/sh
# Scaling over processes: N processes with one thread each, each hearing the same recording,
# beside one of them alone. usage: workers.sh LYDHOR; `make bench-workers` does it.
set -eu
lydhor=$1
recording=$(dirname "$0")/recordings/samtale-lager.flac

# seconds N: wall time of N processes at once
seconds() {
	start=$(date +%s%N)
	for i in $(seq "$1"); do "$lydhor" transcribe --threads 1 --json "$recording" >/dev/null 2>&1 & done
	wait
	echo $((($(date +%s%N) - start) / 1000000))
}

one=$(seconds 1)
echo "1 process: $one ms"
for n in 2 3 4; do
	[ "$n" -le "$(nproc)" ] || continue
	all=$(seconds "$n")
	echo "$n processes: $all ms, efficiency $((100 * one / all)) %"
done
