package gitconfig

// Transport are the settings of http.<url> with which git reaches CodeCommit best.
// Versions of git that do not support one ignore it.
//
// From git 2.46 the first request is authenticated, not only the second one after
// a 401. From git 2.54 git repeats a request that CodeCommit refuses with 429 (too
// many requests), after the time that CodeCommit states or else after 2 seconds, in
// all for much less than the 15 minutes that a signature is valid.
// See git-config(1), http.proactiveAuth, http.maxRetries and what follows it.
var Transport = []struct{ Name, Value string }{
	{"proactiveAuth", "basic"},
	{"maxRetries", "3"},
	{"retryAfter", "2"},     // seconds
	{"maxRetryTime", "120"}, // seconds
}
