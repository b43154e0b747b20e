package awsprofile

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hostileFiles are a user's files that are huge, or that take a careless reader a
// lot of time or memory. Each is one file near maxFileSize, or has as many profiles
// as fit.
func hostileFiles() map[string]struct{ text, profile string } {
	const size = maxFileSize - 1<<10
	const start = "[profile x]\nregion = us-east-1\n"
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	each := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	return map[string]struct{ text, profile string }{
		"headers of other profiles": {each(200_000, func(i int) string { return fmt.Sprintf("[profile p%d]\n", i) }), "absent"},
		"quoted headers":            {each(200_000, func(i int) string { return fmt.Sprintf("[profile \"p %d\"]\n", i) }), "absent"},
		"one header repeated":       {fill("[profile x]\nregion = us-east-1\n"), "x"},
		"default repeated":          {fill("[default]\n"), "default"},
		"two spellings of default":  {fill("[default]\n[profile default]\n"), "default"},
		"continuation lines":        {start + "credential_process = a\n" + fill(" b\n"), "x"},
		"continuation of a value":   {start + "role_arn = a\n" + fill("\t\n"), "x"},
		"one long process":          {start + "credential_process = " + fill("a "), "x"},
		"one long quoted process":   {start + "credential_process = '" + fill("a") + "'", "x"},
		"one long value":            {start + "role_arn = " + fill("a"), "x"},
		"one long header":           {"[profile " + fill("a") + "]\n", "x"},
		"a setting repeated":        {start + fill("role_arn = a\n"), "x"},
		"settings of DEFAULT":       {"[DEFAULT]\n" + fill("role_arn = a\n") + start, "x"},
		"DEFAULT repeated":          {fill("[DEFAULT]\nrole_arn = a\n") + start, "x"},
		"carriage returns":          {fill("\r"), "x"},
		"a chain": {each(150_000, func(i int) string {
			return fmt.Sprintf("[profile p%d]\nrole_arn=arn:aws:iam::111122223333:role/r\nsource_profile=p%d\n", i, i+1)
		}), "p0"},
		"a chain among many": {each(maxSections-1000, func(i int) string { return fmt.Sprintf("[profile q%d]\n", i) }) +
			each(1000, func(i int) string {
				return fmt.Sprintf("[profile p%d]\nrole_arn=a\nsource_profile=p%d\n", i, i+1)
			}), "p0"},
		"a circle": {each(50_000, func(i int) string {
			return fmt.Sprintf("[profile p%d]\nrole_arn=arn:aws:iam::111122223333:role/r\nsource_profile=p%d\n", i, (i+1)%50_000)
		}), "p0"},
		"long names, misspelt": {each(400, func(i int) string {
			return fmt.Sprintf("[profile %s%03d]\n", strings.Repeat("a", 40_000), i)
		}), strings.Repeat("a", 40_000) + "b"},
		"many long names, misspelt": {each(140_000, func(i int) string {
			return fmt.Sprintf("[profile %s%06d]\n", strings.Repeat("a", 100), i)
		}), strings.Repeat("a", 90) + strings.Repeat("b", 30)},
		"sso sessions": {start + "sso_session = s\nsso_account_id = 1\nsso_role_name = r\n" +
			each(200_000, func(i int) string { return fmt.Sprintf("[sso-session s%d]\n", i) }), "x"},
		"nested settings": {start + "services = s\n[services s]\nsts =\n" + fill(" endpoint_url = http://a\n"), "x"},
	}
}

// TestHostileFilesCostLittle checks that each file takes at most a second and 64
// MiB. The limits here are twenty seconds, for busy machines (without limits in the
// code, the files took from twelve seconds to minutes), and 96 MiB, because garbage
// that has already been freed is counted too. With the race detector, memory is not
// limited, because it allocates more.
func TestHostileFilesCostLittle(t *testing.T) {
	const (
		mostTime   = 20 * time.Second
		mostMemory = 96 << 20
	)
	for name, file := range hostileFiles() {
		t.Run(name, func(t *testing.T) {
			if len(file.text) > maxFileSize {
				t.Fatalf("%d bytes", len(file.text))
			}
			path := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(path, []byte(file.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			began := time.Now()
			_, err := resolveFile(path, Query{Profile: file.profile})
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%s, %d KiB: %.150v", took.Round(time.Millisecond), allocated>>10, err)
			if took > mostTime {
				t.Errorf("took %s", took)
			}
			if allocated > mostMemory && !withRaceDetector() {
				t.Errorf("allocated %d KiB", allocated>>10)
			}
			if err != nil && len(err.Error()) > 1<<12 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

// TestSignInsOfHostileFilesCostLittle is like TestHostileFilesCostLittle for logout,
// which reads every profile. (With a search for each, these files took minutes.)
func TestSignInsOfHostileFilesCostLittle(t *testing.T) {
	const profiles = 50_000
	const portal = "sso_start_url = https://aN.awsapps.com/start\nsso_region = us-east-1\n"
	const role = "sso_account_id = 111122223333\nsso_role_name = r\n"
	for name, test := range map[string]struct {
		section string // N is the section's number, M the previous one
		matches int    // with the sign-in of profile p0
	}{
		"sso-sessions":    {"[sso-session sN]\n" + portal + "[profile pN]\nsso_session = sN\n" + role, 1},
		"legacy sign-ins": {"[profile pN]\n" + portal + role, 1},
		"a chain":         {"[profile pN]\nrole_arn = a\nsource_profile = pM\n", profiles + 1},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("[sso-session s]\n" + portal + "[profile p0]\nsso_session = s\n" + role)
			for i := range profiles {
				b.WriteString(strings.NewReplacer("N", strconv.Itoa(i+1), "M", strconv.Itoa(i)).Replace(test.section))
			}
			f := filesOf(t, b.String())
			began := time.Now()
			for range f.SignIns() { //nolint:revive // only their cost matters
			}
			matches := 0
			matcher := f.Matcher(&SSOSession{Name: "s"})
			for own := range f.OwnIdentities() {
				if matcher.Matches(own) {
					matches++
				}
			}
			if took := time.Since(began); took > 20*time.Second || matches != test.matches {
				t.Errorf("took %s, %d match", took, matches)
			}
		})
	}
}

// withRaceDetector reports whether the tests were built with -race.
func withRaceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
