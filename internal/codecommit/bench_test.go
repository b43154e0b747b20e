package codecommit

import "testing"

func BenchmarkParseEndpoint(b *testing.B) {
	for name, host := range map[string]string{"ours": "git-codecommit.us-east-2.amazonaws.com", "foreign": "github.com"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := ParseEndpoint(host); ok != (name == "ours") {
					b.Fatal(ok)
				}
			}
		})
	}
}
