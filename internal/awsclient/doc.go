// Package awsclient is how AWS is called: the HTTP clients and what they trust,
// retries, the clock that AWS's answers correct, and what went wrong in plain
// words. It knows nothing of chains, roles or sessions.
package awsclient
