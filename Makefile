# Everything a newcomer, a developer and CI runs; `make help` lists it.

SHELL   := bash
GO      := go
NATIVE  ?= $(CURDIR)/.native
WHISPER := $(NATIVE)/whisper
TOOLS   := $(NATIVE)/bin
DATA    ?= .data
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# The Go that Debian ships is too old for the modules; `make go` puts this one in its place.
GO_VERSION := go1.26.8
export PATH := $(NATIVE)/go/bin:$(TOOLS):$(PATH)

# The official Go bindings look for whisper.h and libwhisper.a here.
export C_INCLUDE_PATH := $(WHISPER)/include$(if $(C_INCLUDE_PATH),:$(C_INCLUDE_PATH))
export LIBRARY_PATH   := $(WHISPER)/lib$(if $(LIBRARY_PATH),:$(LIBRARY_PATH))

# The bindings link no GPU's part of ggml. It stands ahead of the library that asks for it, so -u asks first.
comma := ,
CUDA  ?= /usr/local/cuda
export CGO_LDFLAGS := $(strip $(CGO_LDFLAGS) $(if $(GGML_VULKAN),-Wl$(comma)-u$(comma)ggml_backend_vk_reg -lggml-vulkan -lvulkan) \
	$(if $(GGML_CUDA),-Wl$(comma)-u$(comma)ggml_backend_cuda_reg -lggml-cuda -L$(CUDA)/lib64 -L$(CUDA)/lib64/stubs -lcudart -lcublas -lcublasLt -lcuda))

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: env
env: ## print what plain go commands need: eval "$(make -s env)"
	@echo 'export PATH="$(NATIVE)/go/bin:$(TOOLS):$$PATH" C_INCLUDE_PATH="$(C_INCLUDE_PATH)" LIBRARY_PATH="$(LIBRARY_PATH)" CGO_LDFLAGS="$(CGO_LDFLAGS)" \
	LYDHOR_ONNXRUNTIME="$(wildcard $(ONNXRUNTIME))"'

## Set-up: Debian packages, Go, whisper.cpp, the S3 server. Each is downloaded from one place.

RUN_PACKAGES  := ffmpeg postgresql
BUILD_PACKAGES := ca-certificates cmake g++ git npm openssl patch $(if $(GGML_VULKAN),glslc libvulkan-dev)
TEST_PACKAGES := chromium faketime libxml2-utils prometheus sctk
OFFICE_PACKAGES := libreoffice-calc-nogui libreoffice-writer-nogui praat unzip

# $(call install,PACKAGES) asks apt only for what is missing, as a package or as a command.
install = @missing=; for p in $(1); do command -v $$p >/dev/null || dpkg-query -W $$p >/dev/null 2>&1 || missing+=" $$p"; done; \
	[ -z "$$missing" ] || { echo "installing$$missing"; sudo=$$([ $$(id -u) = 0 ] || echo sudo); $$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; }

.PHONY: packages test-packages
packages:
	$(call install,$(BUILD_PACKAGES) $(RUN_PACKAGES))
test-packages: $(NATIVE)/axe/axe.min.js
	$(call install,$(TEST_PACKAGES))

.PHONY: go
go: packages
	@case "$$(go version 2>/dev/null)" in *" go1.2"[6-9]*) ;; *) $(MAKE) --no-print-directory $(NATIVE)/go/bin/go ;; esac

# Any Go since 1.11 can fetch the toolchain as a module; the module cache drops its exec bits.
$(NATIVE)/go/bin/go:
	$(call install,golang-go)
	cd /tmp && GOFLAGS=-modcacherw go mod download golang.org/toolchain@v0.0.1-$(GO_VERSION).linux-$$(dpkg --print-architecture)
	rm -rf $(NATIVE)/go && mkdir -p $(NATIVE)
	cp -r $$(go env GOMODCACHE)/golang.org/toolchain@v0.0.1-$(GO_VERSION).linux-$$(dpkg --print-architecture) $(NATIVE)/go
	chmod -R u+w $(NATIVE)/go && chmod +x $(NATIVE)/go/bin/* $(NATIVE)/go/pkg/tool/*/*

# whisper.cpp, static, with the few changes that transcribe/whisper/*.patch give reasons for.
# WHISPER_CPP=/path builds a checkout of one's own instead, as it is; GGML_CUDA=1 and
# GGML_VULKAN=1 go to its cmake.
WHISPER_NPM       := nodejs-whisper@0.3.1
WHISPER_INTEGRITY := sha512-ceoilUVraRuR5FnNyXpGQT2auAR48Oc3AQBEmkXnVpSn9iN6yVRzQBFCqVTGWbk6Wdi95NhvwXNzFvuR7erLWw==
WHISPER_PATCHES   := $(sort $(wildcard transcribe/whisper/*.patch))
WHISPER_CPP       ?= $(NATIVE)/whisper.cpp

.PHONY: whisper
whisper: packages $(WHISPER)/lib/libwhisper.a ## build whisper.cpp

# $(call debian13,FOLDER,APT-GET ARGUMENTS) leaves packages of Debian 13 unpacked in FOLDER, by apt's own way of checking; none is installed.
define debian13
	rm -rf $(1) && mkdir -p $(1)/{sources,lists/partial,cache/archives/partial} && touch $(1)/status
	sed -E 's/^(Suites:) .*/\1 trixie/' $$(grep -lE "^Suites: $$(. /etc/os-release; echo $$VERSION_CODENAME)" /etc/apt/sources.list.d/*.sources | head -n 1) | \
	  sed '/^$$/q' >$(1)/sources/debian13.sources
	cd $(1) && apt="-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$$PWD/sources -o Dir::State::lists=$$PWD/lists -o Dir::State::status=$$PWD/status -o Dir::Cache=$$PWD/cache -o APT::Sandbox::User=root" && \
	  apt-get -qq $$apt update && apt-get -qq $$apt $(2) && find . -name '*.deb' -exec dpkg -x {} . \; && rm -rf lists cache *.deb
endef

# The Vulkan headers of Debian 12 are too old for whisper.cpp, its compiler and loader are not.
VULKAN_HEADERS := $(NATIVE)/vulkan/usr

$(VULKAN_HEADERS)/include/vulkan/vulkan.h: | packages
	$(call debian13,$(NATIVE)/vulkan,download libvulkan-dev spirv-headers)

# $(call fetch,NPM PACKAGE,INTEGRITY) leaves the verified package in $(NATIVE)/npm.
fetch = @mkdir -p $(NATIVE)/npm && cd $(NATIVE)/npm && file=$$(npm pack --silent $(1)) && \
	got=sha512-$$(openssl dgst -sha512 -binary $$file | base64 -w0) && \
	[ "$$got" = "$(2)" ] || { echo "$(1) is $$got, not the pinned $(2)" >&2; rm -f $$file; exit 1; }

# axe-core, which the browser tests ask whether the pages are accessible.
AXE_NPM       := axe-core@4.14.1
AXE_INTEGRITY := sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==

$(NATIVE)/axe/axe.min.js: | packages
	$(call fetch,$(AXE_NPM),$(AXE_INTEGRITY))
	@mkdir -p $(@D)
	tar -xzf $(NATIVE)/npm/axe-core-*.tgz -C $(@D) --strip-components=1 package/axe.min.js package/LICENSE
	@touch $@

# ONNX Runtime, which runs the networks that hear who speaks (docs/models.md). Only tests need it.
ONNX_NPM       := sherpa-onnx-linux-x64@1.13.8
ONNX_INTEGRITY := sha512-6plnhjagsSeTntCgnlag86hWbs/uZE9Crms1LgOb68/1nKsIQjMd+WG519m+aPwT6TrsBOiEMzrx41t8sL5L5g==
ONNXRUNTIME    := $(if $(filter x86_64,$(shell uname -m)),$(NATIVE)/onnxruntime/libonnxruntime.so)

.PHONY: onnxruntime
onnxruntime: $(ONNXRUNTIME) ## fetch ONNX Runtime, for x86-64

$(NATIVE)/onnxruntime/libonnxruntime.so: | packages
	$(call fetch,$(ONNX_NPM),$(ONNX_INTEGRITY))
	@mkdir -p $(@D)
	tar -xzf $(NATIVE)/npm/sherpa-onnx-linux-x64-*.tgz -C $(@D) --strip-components=1 package/libonnxruntime.so
	@touch $@

$(NATIVE)/whisper.cpp/CMakeLists.txt: $(WHISPER_PATCHES)
	$(call fetch,$(WHISPER_NPM),$(WHISPER_INTEGRITY))
	@mkdir -p $(@D)
	tar -xzf $(NATIVE)/npm/nodejs-whisper-*.tgz -C $(@D) --strip-components=3 package/cpp/whisper.cpp
	cat $(WHISPER_PATCHES) | patch -s -p1 -d $(@D)
	@touch $@

$(WHISPER)/lib/libwhisper.a: $(WHISPER_CPP)/CMakeLists.txt $(if $(GGML_VULKAN),$(VULKAN_HEADERS)/include/vulkan/vulkan.h)
	@mkdir -p $(WHISPER)/lib $(WHISPER)/include $(WHISPER)/bin
	@echo "building whisper.cpp (a minute or two; log in $(NATIVE)/whisper.log)"
	@{ cmake -S $(WHISPER_CPP) -B $(NATIVE)/whisper-build -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
	  -DWHISPER_BUILD_TESTS=OFF $(if $(GGML_CUDA),-DGGML_CUDA=ON) $(if $(GGML_VULKAN),-DGGML_VULKAN=ON -DVulkan_INCLUDE_DIR=$(VULKAN_HEADERS)/include -DCMAKE_PREFIX_PATH=$(VULKAN_HEADERS)) && \
	  cmake --build $(NATIVE)/whisper-build --parallel $$(nproc); } >$(NATIVE)/whisper.log 2>&1 || { tail $(NATIVE)/whisper.log; exit 1; }
	cp $(WHISPER_CPP)/include/*.h $(WHISPER_CPP)/ggml/include/*.h $(WHISPER)/include/
	cp $(NATIVE)/whisper-build/bin/whisper-{cli,bench,quantize} $(WHISPER)/bin/
	find $(NATIVE)/whisper-build -name 'lib*.a' -exec cp {} $(WHISPER)/lib/ \;

## Build and run

# The S3 server of `lydhor up` and of the tests.
VERSITYGW := github.com/versity/versitygw/cmd/versitygw@v1.8.0

$(TOOLS)/versitygw: | go
	@echo "building the S3 server (a minute or two)"
	GOBIN=$(TOOLS) $(GO) install $(VERSITYGW)

.PHONY: build
build: go whisper $(TOOLS)/versitygw ## leave bin/lydhor
	@mkdir -p bin && ln -sf $(TOOLS)/versitygw bin/versitygw
	$(GO) build -ldflags '-X main.release=$(VERSION)' -o bin/lydhor ./cmd/lydhor

DEMO     := transcribe/demo/recordings
ADDRESS  ?= 127.0.0.1:8080
export LYDHOR_SERVER := http://$(ADDRESS)
export LYDHOR_LISTEN := $(ADDRESS)
export LYDHOR_TOKEN_FILE := $(DATA)/token

.PHONY: demo
demo: build ## start everything, upload the demo recordings, print the flagged sequences
	@bin/lydhor up --data $(DATA) --listen $(ADDRESS) --background
	@bin/lydhor upload --wait $(DEMO)/samtale-lager.flac $(DEMO)/samtale-boernehave.ogg
	@bin/lydhor upload --wait --kind flip $(DEMO)/flip-borgerinddragelse.ogg
	@echo; echo "make down stops it. To the page:"; bin/lydhor account link --data $(DATA) admin

.PHONY: down
down: ## stop what make demo started
	@bin/lydhor down --data $(DATA)

## Tests

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
BENCHSTAT   := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
GOTESTSUM   := gotest.tools/gotestsum@v1.13.0

.PHONY: check
check: ## the fast loop: vet and the tests that need no C
	CGO_ENABLED=0 $(GO) vet ./... && CGO_ENABLED=0 $(GO) test ./...

.PHONY: screens
screens: build test-packages ## pictures of every page, wide and narrow, and of the dashboard, in docs/screens
	mkdir -p docs/screens
	SCREENS=$(CURDIR)/docs/screens CGO_ENABLED=0 bin/lydhor servers --data $(NATIVE)/servers -- $(GO) test -count=1 -timeout 30m ./cmd/lydhor/review
	SCREENS=$(CURDIR)/docs/screens $(GO) test -count=1 -run TestDashboard ./cmd/lydhor
	cd docs/screens && for f in *.png; do ffmpeg -v error -y -i $$f -vf 'split[a][b];[a]palettegen[p];[b][p]paletteuse' small-$$f && mv small-$$f $$f; done

.PHONY: manifests
manifests: go ## read what deploy holds with the types of Kubernetes, KEDA, Compose, BuildKit and Grafana
	cd deploy/check && CGO_ENABLED=0 $(GO) test -count=1 ./...

.PHONY: bench-transcribe
bench-transcribe: build ## transcription beside whisper-cli: words, time, memory
	transcribe/demo/bench.sh bin/lydhor $(WHISPER)/bin/whisper-cli

.PHONY: bench-parts
bench-parts: go ## ingest, decoding, cutting, speech detection and joining, six times, by benchstat
	CGO_ENABLED=0 $(GO) test ./pipeline -run XXX -bench 'Ingest|Decode|Cut|VoiceActivity|Join' -benchtime 5x -count 6 | $(GO) run $(BENCHSTAT) /dev/stdin

.PHONY: bench-progress
bench-progress: build ## how far what is told of a transcription's progress is off, by piece and recording
	$(GO) test ./transcribe -run XXX -bench Progress -benchtime 1x

.PHONY: bench-share
bench-share: build ## processor time of a transcription outside whisper.cpp: ffmpeg's and ours, three times
	$(GO) test ./transcribe -run XXX -bench OutsideWhisper -benchtime 1x -count 3

.PHONY: bench-states
bench-states: build ## 1, 2, 4, 8 states of the demo model on the processor
	LYDHOR_BENCH_DEVICE=cpu $(GO) test ./transcribe -run XXX -bench States -benchtime 10x

.PHONY: bench-workers
bench-workers: build ## as many transcriptions at once as there are cores, up to four, beside one: how much of a core each still has
	transcribe/demo/workers.sh bin/lydhor

# A Vulkan build of its own, on Mesa's processor "GPU": slow, to see that it is right. Debian 12's Mesa damages the heap after some
# windows, so Debian 13's and the C library under it are what this build is linked to.
VULKAN := $(NATIVE)/vulkan-build
MESA   := $(NATIVE)/mesa/usr

.PHONY: test-vulkan
test-vulkan: packages $(WHISPER_CPP)/CMakeLists.txt ## the Vulkan build hears a demo recording on Mesa's lavapipe, with no GPU
	$(MAKE) --no-print-directory whisper GGML_VULKAN=1 NATIVE=$(VULKAN) WHISPER_CPP=$(WHISPER_CPP)
	$(MAKE) --no-print-directory lavapipe GGML_VULKAN=1 NATIVE=$(VULKAN)
.PHONY: lavapipe
lavapipe: $(MESA)/share/vulkan/icd.d/lvp_icd.json
	lib=$$(echo $(MESA)/lib/*-linux-gnu) && \
	  $(GO) build -ldflags "-extldflags '-Wl,--dynamic-linker=$$(echo $$lib/ld-linux*.so.*),--disable-new-dtags,-rpath,$$lib'" -o $(NATIVE)/lydhor ./cmd/lydhor
	GGML_VK_VISIBLE_DEVICES=0 VK_ICD_FILENAMES=$< $(NATIVE)/lydhor transcribe --device vulkan:0 --json $(DEMO)/samtale-boernehave-kort.wav >$(NATIVE)/heard.json
	$(NATIVE)/lydhor eval asr --ref $(DEMO)/samtale-boernehave-kort.json --hyp $(NATIVE)/heard.json
$(MESA)/share/vulkan/icd.d/lvp_icd.json:
	$(call debian13,$(NATIVE)/mesa,-y --no-install-recommends --download-only install mesa-vulkan-drivers libgomp1)

# With a GPU: make build GGML_CUDA=1, then make bench-gpu GGML_CUDA=1 (or GGML_VULKAN=1).
SHAPE         ?= large-v3-turbo
BENCH_DEVICE  ?= $(if $(GGML_VULKAN),vulkan:0,cuda:0)
RANDOM_MODEL  := $(NATIVE)/ggml-random-$(SHAPE).bin

$(RANDOM_MODEL): | build
	bin/lydhor models random $(SHAPE) $@

.PHONY: bench-gpu
bench-gpu: build $(RANDOM_MODEL) ## 1, 2, 4, 8 states of a large-v3-turbo of random weights beside whisper-bench, on a GPU
	$(WHISPER)/bin/whisper-bench -m $(RANDOM_MODEL) 2>&1 | grep -E 'time|system_info'
	LYDHOR_BENCH_MODEL=$(RANDOM_MODEL) LYDHOR_BENCH_DEVICE=$(BENCH_DEVICE) $(GO) test ./transcribe -run XXX -bench States -benchtime 10x
	bin/lydhor transcribe --device $(BENCH_DEVICE) --json $(DEMO)/samtale-lager.flac >$(NATIVE)/heard.json
	bin/lydhor eval asr --ref $(DEMO)/samtale-lager.json --hyp $(NATIVE)/heard.json

.PHONY: session
session: build test-packages ## one working day in Chromium against the real service: flags a minute, axe, exports opened elsewhere
	$(call install,$(OFFICE_PACKAGES))
	CGO_ENABLED=0 $(GO) test -count=1 -timeout 20m ./cmd/lydhor/review -run Session -v

.PHONY: chaos
chaos: build ## 300 faults, chosen by SEED, on a service of its own; wants nothing lost or doubled
	bin/lydhor chaos --data $(NATIVE)/chaos --seed $(or $(SEED),1) --faults $(or $(FAULTS),300) $(DEMO)/samtale-boernehave-kort.wav

# The newest version with an older schema, or the one that OLD names.
OLD     ?= $(shell git log -1 --format=%h -- 'migrations/*.sql')^
OLD_BIN  = $(NATIVE)/old/$(shell git rev-parse --short $(OLD))

.PHONY: chaos-upgrade
chaos-upgrade: build ## the same while processes change between this version and OLD, an older commit
	@[ -x $(OLD_BIN)/lydhor ] || { rm -rf $(OLD_BIN); mkdir -p $(OLD_BIN)/src && git archive $(OLD) | tar -x -C $(OLD_BIN)/src && \
	  cd $(OLD_BIN)/src && $(GO) build -o $(OLD_BIN)/lydhor ./cmd/lydhor; }
	bin/lydhor chaos --data $(NATIVE)/chaos --old $(OLD_BIN)/lydhor --seed $(or $(SEED),1) --faults $(or $(FAULTS),60) $(DEMO)/samtale-boernehave-kort.wav

.PHONY: simulate
simulate: build ## RECORDINGS short recordings of six projects, a worker added and one killed every minute
	bin/lydhor simulate --data $(NATIVE)/simulate --recordings $(or $(RECORDINGS),2000) $(DEMO)/samtale-boernehave-kort.wav

.PHONY: scaling
scaling: build ## how the throughput of WORKERS worker processes adds up, with RECORDINGS for each number
	bin/lydhor simulate --data $(NATIVE)/simulate --scaling $(or $(WORKERS),1,2) --recordings $(or $(RECORDINGS),40) --length 1m $(DEMO)/samtale-lager.flac

.PHONY: bench-queue
bench-queue: build ## what a job costs beside its work, with nothing and with 100,000 jobs waiting
	bin/lydhor servers --data $(NATIVE)/servers -- $(GO) test ./workers -run XXX -bench Queue -benchtime 2000x
	bin/lydhor servers --data $(NATIVE)/servers -- $(GO) test ./workers -run XXX -bench Rank -benchtime 20x

.PHONY: bench-takeover
bench-takeover: build ## how long the job of a worker that is killed lies still: five times
	$(GO) test ./cmd/lydhor -run XXX -bench TakeOver -benchtime 5x

.PHONY: bench-search
bench-search: build ## how long a search of a million turns takes, on real Postgres
	bin/lydhor servers --data $(NATIVE)/servers -- $(GO) test ./pipeline/store -run XXX -bench Search -benchtime 500x -timeout 30m

.PHONY: bench-seal
bench-seal: go ## what sealing costs on one core: upload and playback beside plain, and the cipher alone
	CGO_ENABLED=0 GOMAXPROCS=1 $(GO) test ./pipeline/seal -run XXX -bench Sealing -benchtime 20x

.PHONY: bench-analysis
bench-analysis: go ## turns coded a second on one core, in talks of 4, 400 and 100,000 turns
	CGO_ENABLED=0 $(GO) test ./analysis -run XXX -bench Analyse -benchtime 2s -cpu 1

.PHONY: bench-page
bench-page: build test-packages ## a 4-hour transcript: first byte on real Postgres, weight of its page, scrolling in Chromium
	CGO_ENABLED=0 bin/lydhor servers --data $(NATIVE)/servers -- $(GO) test ./cmd/lydhor/review -v -run Weigh -bench FourHours -benchtime 20x
	CGO_ENABLED=0 $(GO) test ./cmd/lydhor/review -run XXX -bench Scroll -benchtime 3x

GOLD  := ../shared/gold/dev
TALKS := analysis/talks
AUTHORS := $(TALKS)/k $(TALKS)/l $(TALKS)/m $(TALKS)/n
WITH    := $(patsubst %,--with %,$(AUTHORS))
PAIRS := ../shared/uptake/ncte-uptake-dev.csv ../shared/uptake/annomi-simple-dev.csv

.PHONY: train
train: build ## fit the coder's model to the labelled conversations
	bin/lydhor train --out analysis/model/da.json $(GOLD) $(AUTHORS)
	bin/lydhor train --pairs --out analysis/model/en.json $(PAIRS)

.PHONY: eval-analysis
eval-analysis: build ## codes, outcomes and themes: what each part adds, the figures with bands and errors, across authors
	@echo "what each part adds:"; bin/lydhor eval analysis --ablation $(WITH) $(GOLD)
	@echo; echo "each conversation coded by a model trained on the others and on those of $(TALKS):"; \
	  bin/lydhor eval analysis --leave-one-out --errors $(WITH) $(GOLD)
	@echo; echo "each author coded by a model trained on the other authors:"; bin/lydhor eval analysis --across $(GOLD) $(AUTHORS)
	@for hand in k o; do echo; echo "kept out of training and of every choice, author $$hand:"; bin/lydhor eval analysis $(TALKS)/kept-out/$$hand; done

.PHONY: eval-uptake
eval-uptake: build ## English answers: how much they take up, each conversation weighed by what was trained on others
	for file in $(PAIRS); do echo "$$(basename $$file):"; bin/lydhor eval uptake --cross $$file; done

.PHONY: eval-roles
eval-roles: build ## roles proposed from what is said alone, with all words that tell roles and with those of the other talks
	bin/lydhor eval roles $(GOLD)
	bin/lydhor eval roles --leave-one-out $(GOLD)

.PHONY: eval-pii
eval-pii: build ## pseudonyms: recall and precision
	bin/lydhor eval pii $(GOLD)

.PHONY: eval-diarisation
eval-diarisation: build ## who spoke when: DER and JER by path and recording, time and memory by length
	transcribe/diarise/eval.sh bin/lydhor ../shared/audio/diarisation ../shared/models

.PHONY: compare-clusterings
compare-clusterings: go ## who spoke when: clusterings and resegmentations, numbers on recordings that they were not chosen on, what the reference would add
	CGO_ENABLED=0 $(GO) test ./transcribe/diarise -run XXX -bench 'Clusterings|Oracles' -benchtime 1x -timeout 1h

.PHONY: train-overlap
train-overlap: go ## fit the network that hears overlap to mixtures of single voices; not to the AMI excerpts
	CGO_ENABLED=0 $(GO) test ./transcribe/diarise -run XXX -bench TrainOverlap -benchtime 1x -timeout 1h

.PHONY: eval-voices
eval-voices: build ## voices recognised across recordings: right, wrong, by what and by how much is heard
	@for by in d-vector spectrum; do for seconds in 10 3; do echo; echo "by $$by, voices heard alone for $$seconds s"; \
	  for set in ami simulated; do echo "$$set:"; LYDHOR_MODELS=../shared/models bin/lydhor eval voices --by $$by --shortest $$seconds ../shared/audio/diarisation/$$set/*.flac; done; done; done

FUZZTIME ?= 10m

.PHONY: fuzz fuzz-all
fuzz: build ## ten minutes of made-up input to every parser; FUZZTIME=30s for less
	@bin/lydhor servers --data $(NATIVE)/servers -- $(MAKE) --no-print-directory fuzz-all

fuzz-all:
	@set -o pipefail; grep -ro --include=*_test.go '^func Fuzz[A-Za-z]*' . | while IFS=: read -r file func; do \
	  echo "$$(dirname $$file) $${func#func }"; \
	  CGO_ENABLED=0 $(GO) test "$$(dirname $$file)" -run '^$$' -fuzz "^$${func#func }$$" -fuzztime $(FUZZTIME) -parallel 2 </dev/null | tail -n 2 || exit 1; \
	done

GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
VULNDB_DAY  := v0.0.0-20261105234957-e22db6528018

.PHONY: vulncheck vulncheck-pinned
vulncheck: go ## known holes in what we depend on; asks vuln.go.dev
	$(GO) run $(GOVULNCHECK) ./...

# The module of the database's own tools holds its reports too.
vulncheck-pinned: go ## the same where vuln.go.dev cannot be reached: by what it knew on the day of VULNDB_DAY, which a Go proxy has
	reports=$$($(GO) mod download -json golang.org/x/vulndb@$(VULNDB_DAY) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')/data/osv && \
	$(GO) run golang.org/x/vulndb/cmd/indexdb@$(VULNDB_DAY) -vulns $$reports -out $(NATIVE)/vulndb
	$(GO) run $(GOVULNCHECK) -db file://$(NATIVE)/vulndb ./...

.PHONY: sbom
sbom: build ## what bin/lydhor is made of, with checksums, as CycloneDX in bin/sbom.json
	$(GO) run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 bin -json -std -output bin/sbom.json bin/lydhor

.PHONY: lint
lint: go whisper ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these" >&2; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

.PHONY: test
test: export LYDHOR_ONNXRUNTIME := $(ONNXRUNTIME)
test: lint build test-packages onnxruntime ## set up what it needs and run every test, on real Postgres, S3 server, whisper, ONNX Runtime and Chromium
	@echo "whisper.cpp 1.9.1, $$(ls -d /usr/lib/postgresql/*/bin | tail -n 1), $(VERSITYGW), $$(chromium --version 2>/dev/null)"
	bin/lydhor servers --data $(NATIVE)/servers -- $(GO) run $(GOTESTSUM) --format testname -- -timeout 20m ./...
