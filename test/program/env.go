package program

import (
	"os"

	"git-credential-codecommit/test/awsfake"
)

// NoExitSleep prevents a program that was built with -race from sleeping for a
// second when it exits:
// https://go.dev/doc/articles/race_detector#Options.
const NoExitSleep = "GORACE=atexit_sleep_ms=0"

// patientMetadata gives the metadata service more than the default of one second,
// which is too short on a busy machine. Tests of that default remove it.
const patientMetadata = "AWS_METADATA_SERVICE_TIMEOUT=30"

// Env returns the environment in which the program uses the cloud.
func Env(cloud *awsfake.Cloud) []string {
	env := append(cloud.Env(), NoExitSleep, patientMetadata)
	if dir := os.Getenv("GOCOVERDIR"); dir != "" {
		env = append(env, "GOCOVERDIR="+dir)
	}
	return env
}
