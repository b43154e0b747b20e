package gitconfig

// Transport lists the http.<url> settings that setup writes for CodeCommit.
// Versions of git that do not know one ignore it.
//
// Git 2.46 and later authenticate the first request instead of waiting for a 401.
// Git 2.54 and later retry a request that CodeCommit rejects with 429 (too many
// requests), after the delay in its Retry-After header or else 2 seconds, for much
// less than the 15 minutes that a signature is valid.
// See http.proactiveAuth, http.maxRetries, http.retryAfter and http.maxRetryTime in
// git-config(1).
var Transport = []struct{ Name, Value string }{
	{"proactiveAuth", "basic"},
	{"maxRetries", "3"},
	{"retryAfter", "2"},     // seconds
	{"maxRetryTime", "120"}, // seconds
}
