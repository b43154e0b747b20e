package doctor

import "testing"

func TestSuggestURL(t *testing.T) {
	t.Parallel()
	const want = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo"
	for address, want := range map[string]string{
		"ssh://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo":                                                    want,
		"ssh://APKAEIBAERJR2EXAMPLE@git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo":                               want,
		"APKAEIBAERJR2EXAMPLE@git-codecommit.us-east-2.amazonaws.com:v1/repos/MyDemoRepo":                                     want,
		"git@git-codecommit.us-east-2.amazonaws.com:/v1/repos/MyDemoRepo.git":                                                 want,
		"https://codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo":                                                      want,
		"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo?ref=main":                                         want,
		"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo#main":                                             want,
		"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo/":                                                 want,
		"https://us-east-2.console.aws.amazon.com/codesuite/codecommit/repositories/MyDemoRepo/browse?region=us-east-2":       want,
		"https://console.aws.amazon.com/codesuite/codecommit/repositories/MyDemoRepo/browse/refs/heads/main?region=us-east-2": want,
		"https://us-east-2.console.aws.amazon.com/codesuite/codecommit/repositories/MyDemoRepo":                               want,
		"https://codecommit-fips.us-gov-west-1.amazonaws.com/v1/repos/R":                                                      "https://git-codecommit-fips.us-gov-west-1.amazonaws.com/v1/repos/R",
		"https://cn-north-1.console.amazonaws.cn/codesuite/codecommit/repositories/R/browse?region=cn-north-1":                "https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/R",
		"git@github.com:OWNER/REPO.git":                                                                              "",
		"https://github.com/v1/repos/R":                                                                              "",
		"ssh://git-codecommit.us-east-2.amazonaws.com.evil.example/v1/repos/R":                                       "",
		"https://evilconsole.aws.amazon.com/codesuite/codecommit/repositories/R?region=us-east-2":                    "",
		"https://us-east-2.console.aws.amazon.com.evil.example/codesuite/codecommit/repositories/R?region=us-east-2": "",
		"https://us-east-2.console.aws.amazon.com/s3/home?region=us-east-2":                                          "",
		"https://console.aws.amazon.com/codesuite/codecommit/repositories/R?region=us-east-2.evil.example":           "",
		"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/..":                                                 "",
		"/v1/repos/R":   "",
		"C:\\v1\\repos": "",
		"%":             "",
	} {
		if got := SuggestURL(address); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}
