# The tools that make a release; .goreleaser.yaml says what it consists of.
goreleaser = github.com/goreleaser/goreleaser/v2@v2.15.1
cyclonedx = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

# goreleaser finds the programs that it runs on PATH. Without a remote it would
# ignore the commit, too, and give the snapshot neither its version nor its time.
run = cyclonedx=$$(.ci/tool $(cyclonedx)) && goreleaser=$$(.ci/tool $(goreleaser)) && \
	env PATH="$${cyclonedx%/*}:$$PATH" \
	$(if $(shell git remote),,GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0=.) \
	"$$goreleaser"

# A snapshot of this commit in dist/, signed if COSIGN_KEY names a key. FLAGS go
# to goreleaser.
dist:
	$(run) release --snapshot --clean $(if $(COSIGN_KEY),,--skip=sign) $(FLAGS)

# The release of the tag of this commit, which it publishes.
release:
	$(run) release --clean $(FLAGS)

check-release:
	$(run) check

.PHONY: dist release check-release
