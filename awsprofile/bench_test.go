package awsprofile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func BenchmarkResolve(b *testing.B) {
	for _, count := range []int{1, 2000} {
		b.Run(fmt.Sprintf("profiles=%d", count), func(b *testing.B) {
			var text strings.Builder
			for i := range count {
				fmt.Fprintf(&text, "[profile team-%04d]\nrole_arn = arn:aws:iam::111122223333:role/Team%04dDeveloper\nsource_profile = base\nregion = us-east-2\n\n", i, i)
			}
			text.WriteString("[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n")
			config := filepath.Join(b.TempDir(), "config")
			if err := os.WriteFile(config, []byte(text.String()), 0o600); err != nil {
				b.Fatal(err)
			}
			env := testEnvironment(map[string]string{"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": ""})
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Resolve(env, Query{Profile: "team-0000"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
