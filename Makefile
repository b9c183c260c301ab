# Everything a newcomer, a developer and CI runs. `make help` lists it.

SHELL    := bash
NATIVE   ?= $(CURDIR)/.native
WHISPER  := $(NATIVE)/whisper
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# The official Go bindings look for whisper.h and libwhisper.a here.
export C_INCLUDE_PATH := $(WHISPER)/include$(if $(C_INCLUDE_PATH),:$(C_INCLUDE_PATH))
export LIBRARY_PATH   := $(WHISPER)/lib$(if $(LIBRARY_PATH),:$(LIBRARY_PATH))

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: env
env: ## print what plain `go` commands need: eval "$$(make -s env)"
	@echo 'export C_INCLUDE_PATH=$(C_INCLUDE_PATH) LIBRARY_PATH=$(LIBRARY_PATH)'

# whisper.cpp, static, from the one place it is downloaded from; WHISPER_CPP=/path uses a
# checkout of one's own instead. GGML_CUDA=1 and GGML_VULKAN=1 go to its cmake.
WHISPER_NPM       := nodejs-whisper@0.3.1
WHISPER_INTEGRITY := sha512-ceoilUVraRuR5FnNyXpGQT2auAR48Oc3AQBEmkXnVpSn9iN6yVRzQBFCqVTGWbk6Wdi95NhvwXNzFvuR7erLWw==

.PHONY: whisper
whisper: $(WHISPER)/lib/libwhisper.a ## build whisper.cpp

$(NATIVE)/whisper.cpp/CMakeLists.txt:
	@mkdir -p $(NATIVE)/npm $(@D)
	cd $(NATIVE)/npm && npm pack --silent $(WHISPER_NPM) >/dev/null
	@cd $(NATIVE)/npm && got=sha512-$$(openssl dgst -sha512 -binary nodejs-whisper-*.tgz | base64 -w0) && \
	  [ "$$got" = "$(WHISPER_INTEGRITY)" ] || { echo "$(WHISPER_NPM) is $$got, not the pinned $(WHISPER_INTEGRITY)" >&2; exit 1; }
	tar -xzf $(NATIVE)/npm/nodejs-whisper-*.tgz -C $(@D) --strip-components=3 package/cpp/whisper.cpp
	@touch $@

WHISPER_CPP ?= $(NATIVE)/whisper.cpp

$(WHISPER)/lib/libwhisper.a: $(WHISPER_CPP)/CMakeLists.txt
	cmake -S $(WHISPER_CPP) -B $(NATIVE)/whisper-build -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
	  -DWHISPER_BUILD_TESTS=OFF $(if $(GGML_CUDA),-DGGML_CUDA=ON) $(if $(GGML_VULKAN),-DGGML_VULKAN=ON) >/dev/null
	cmake --build $(NATIVE)/whisper-build --parallel $$(nproc) >/dev/null
	@mkdir -p $(WHISPER)/lib $(WHISPER)/include $(WHISPER)/bin
	cp $(WHISPER_CPP)/include/*.h $(WHISPER_CPP)/ggml/include/*.h $(WHISPER)/include/
	cp $(NATIVE)/whisper-build/bin/whisper-{cli,bench,quantize,vad-speech-segments} $(WHISPER)/bin/
	find $(NATIVE)/whisper-build -name 'lib*.a' -exec cp {} $(WHISPER)/lib/ \;

.PHONY: check
check: ## the fast loop: vet and the tests that need no C, Postgres or S3
	CGO_ENABLED=0 go vet ./... && CGO_ENABLED=0 go test ./...
