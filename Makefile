# What the project can do, by one word each: "make help" lists them.
#
# One set of Go flags everywhere, because another set compiles the standard
# library again. Without cgo the programs run on every Linux of their
# architecture, and no C compiler is needed. Paths are not trimmed, for the
# same reason of one build cache.
export CGO_ENABLED := 0
export GOFLAGS := -buildvcs=false

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
DATABASE ?= sqlite:var/holdfast.db
FUZZTIME ?= 60s
SCREENSHOTS ?= var/screenshots

WEB := server/web
LINT := bin/golangci-lint
NFPM := bin/nfpm

.DEFAULT_GOAL := all
.PHONY: all help tools test-tools generate current assets lint test fuzz bench build run packages screenshots clean

## all: generate, lint, test and build everything
all: generate test build

## help: list what make can do
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | sed 's/: /	/' | expand -t 14

tools:
	@packaging/install-tools build

test-tools:
	@packaging/install-tools test

## generate: write the generated files again
generate: tools
	go tool templ generate -log-level warn
	go generate ./...

# Fails when the generated files that are committed are not those that the
# sources give now.
current: tools
	@packaging/current

## assets: fetch and bundle what the pages need from npm
assets: tools $(WEB)/static/dist/manifest.json

# Everything that the bundle is made of, the pages too: rules that no page
# uses are left out of the stylesheet.
$(WEB)/static/dist/manifest.json: $(WEB)/node_modules/.package-lock.json $(WEB)/build.mjs \
		$(shell find $(WEB)/static $(WEB)/ui $(WEB)/page -path $(WEB)/static/dist -prune -o -type f ! -name '*_test.go' -print 2>/dev/null)
	cd $(WEB) && npm run --silent build

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

## lint: check the sources without running them
lint: assets $(LINT)
	$(LINT) run

$(LINT): packaging/tools/lint/go.mod
	@mkdir -p bin
	go -C packaging/tools/lint build -o $(CURDIR)/$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

## test: run every test there is, installing what they need
test: test-tools assets $(LINT)
	@go run ./packaging/test -check packaging/current -check '$(LINT) run' -fuzz 2s

## fuzz: try the parsers of foreign bytes for longer (FUZZTIME=60s each)
fuzz: assets
	@go run ./packaging/test -fuzz-only -fuzz $(FUZZTIME)

## bench: measure speed and size on both databases, and print a table
bench: test-tools build
	@go run ./packaging/bench $(BENCH)

## build: make bin/holdfast and bin/holdfast-agent
build: assets
	go build -ldflags '$(LDFLAGS)' -o bin/ ./server/cmd/holdfast ./agent/cmd/holdfast-agent

## run: start a server and an agent of this machine (DATABASE=postgres://...)
run: build
	@go build -o bin/holdfast-run ./packaging/run
	@exec bin/holdfast-run -database '$(DATABASE)'

## packages: make the deb and rpm packages in dist/
packages: build $(NFPM)
	@packaging/make-packages $(VERSION)

$(NFPM): packaging/tools/nfpm/go.mod
	@mkdir -p bin
	go -C packaging/tools/nfpm build -o $(CURDIR)/$@ github.com/goreleaser/nfpm/v2/cmd/nfpm

## screenshots: take a picture of every page of a running product (SCREENSHOTS=var/screenshots)
screenshots: test-tools assets
	@mkdir -p $(SCREENSHOTS)
	HOLDFAST_SCREENSHOTS=$(abspath $(SCREENSHOTS)) go test -count=1 ./server/web/browsertest
	@mkdir -p .readme && cp $(SCREENSHOTS)/readme-en.png .readme/device.png
	@ls $(SCREENSHOTS)

## clean: remove what make made, but not the database
clean:
	rm -rf bin dist $(WEB)/node_modules $(WEB)/static/dist/*
