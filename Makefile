# What a release consists of; see tools/dist. FLAGS are its flags.
dist:
	go -C tools run ./dist $(FLAGS)

.PHONY: dist
