package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestFleetCountsRequests measures the smallest fleets in which the numbers differ.
func TestFleetCountsRequests(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	s := &sandbox{dir: t.TempDir(), environ: os.Environ(), stdout: &out, stderr: &errs, signals: make(chan os.Signal)}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	defer s.cloud.Close()
	const jobs = 3
	if err := s.measureFleets([]int{jobs}); err != nil {
		t.Fatal(err)
	}
	counts := map[string][]string{}
	for line := range strings.Lines(out.String()) {
		if cell := strings.Split(strings.Trim(line, "|\n"), "|"); len(cell) == 5 {
			counts[strings.TrimSpace(cell[1])] = []string{strings.TrimSpace(cell[2]), strings.TrimSpace(cell[3])}
		}
	}
	for fleet, want := range map[string][]string{ // STS, metadata
		"cold, OIDC":                              {"3", "0"},
		"cold, EC2 role":                          {"3", "9"},
		"cold, access keys":                       {"3", "0"},
		"shared store, OIDC":                      {"1", "0"},
		"shared store, EC2 role":                  {"1", "3"},
		"shared store over 12 hours, access keys": {"3", "0"}, // four hours apart
		"the same with 12-hour sessions":          {"1", "0"},
	} {
		if !slices.Equal(counts[fleet], want) {
			t.Errorf("%s: got %q, want %q", fleet, counts[fleet], want)
		}
	}
}
