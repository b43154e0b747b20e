package canary

import "testing"

func TestEncodingsAreFound(t *testing.T) {
	t.Parallel()
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	for _, text := range []string{
		"x" + secret + "y", "77 4a616c7258" /* not yet */, "wJalrXUtnFEMI%2FK7MDENG%2BbPxRfiCYEXAMPLEKEY",
		"774A616C725855746E46454D492F4B374D44454E472B6250785266694359455841" + "4D504C454B4559",
		// printf %s "a:$secret:b" | base64, with none, one and two bytes before
		"d0phbHJYVXRuRkVNSS9LN01ERU5HK2JQeFJmaUNZRVhBTVBMRUtFWTpi",
		"OndKYWxyWFV0bkZFTUkvSzdNREVORytiUHhSZmlDWUVYQU1QTEVLRVk6Yg==",
		"YTp3SmFsclhVdG5GRU1JL0s3TURFTkcrYlB4UmZpQ1lFWEFNUExFS0VZOmI=",
	} {
		if want := text != "77 4a616c7258"; Found(text, []string{secret}) != want {
			t.Errorf("%s: found %v", text, !want)
		}
	}
}
