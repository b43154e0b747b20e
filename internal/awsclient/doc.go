// Package awsclient calls AWS: HTTP clients and the certificates that they trust,
// retries, a clock corrected by AWS's responses, and errors in plain words. It does
// not deal with chains, roles or sessions.
package awsclient
