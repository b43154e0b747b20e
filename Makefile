# The tools that make a release; .goreleaser.yaml defines its contents.
goreleaser = github.com/goreleaser/goreleaser/v2@v2.15.1
cyclonedx = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

# goreleaser runs programs from PATH. Without a git remote, it ignores the commit, and the
# snapshot has neither the right version nor the right time.
run = cyclonedx=$$(.ci/tool $(cyclonedx)) && goreleaser=$$(.ci/tool $(goreleaser)) && \
	env PATH="$${cyclonedx%/*}:$$PATH" \
	$(if $(shell git remote),,GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0=.) \
	"$$goreleaser"

# One build and one archive at a time: archives and manifests list programs in the order
# in which they were built, and must be reproducible.
in_order = --parallelism 1

# Builds a snapshot of this commit in dist/, signed if COSIGN_KEY names a key. FLAGS are
# passed to goreleaser.
dist:
	$(run) release --snapshot --clean $(in_order) $(if $(COSIGN_KEY),,--skip=sign) $(FLAGS)

# Builds and publishes the release of this commit's tag.
release:
	$(run) release --clean $(in_order) $(FLAGS)

check-release:
	$(run) check

.PHONY: dist release check-release
