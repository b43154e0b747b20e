package helper

import (
	"context"
	"fmt"
	"io"
	"time"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
)

// Get reads git's request from in and writes the answer to out with a single write.
// It writes nothing if the request is for another host or helper. If it cannot
// answer a request for this helper, it returns an error and makes git quit, because
// git would otherwise prompt for a username.
//
// FlagErr is an error in the flags of the helper line; nil if there is none. It is
// returned only if the request is for this helper, so that wrong flags do not
// affect other hosts and helpers.
func (h Helper) Get(ctx context.Context, in io.Reader, out io.Writer, flagErr error) error {
	req, err := Read(in)
	if err != nil && req.Host != "" {
		if _, ours := h.Endpoint(req.Host); !ours || codecommit.IsGitCredential(req.Username) {
			return nil // another server's response may have caused the malformed line
		}
	}
	if err == nil {
		ep, ours := h.isOurs(req)
		switch {
		case !ours:
			return nil
		case flagErr != nil:
			err = flagErr
		default:
			err = h.answer(ctx, out, req, ep)
		}
	}
	if err != nil {
		_ = WriteQuit(out)
	}
	return err
}

// answer signs the request and writes the answer.
func (h Helper) answer(ctx context.Context, out io.Writer, req Request, ep codecommit.Endpoint) error {
	if req.Path == "" {
		return h.noPathError(req, ep)
	}
	repository, err := ep.ParsePath(req.Path)
	if err != nil {
		return cli.WithHints(err, cli.Advice("use a URL of the form "+ep.URLForm()))
	}
	creds, err := h.Credentials(ctx, ep, repository)
	if err != nil {
		return err
	}
	now := h.Now().Add(creds.Skew)
	return Answer{
		Username: codecommit.Username(creds.AccessKeyID, creds.SessionToken),
		Password: codecommit.Sign(creds.SecretAccessKey, ep, repository.Path, now),
		// Git compares the expiry with this machine's clock.
		Expires: expiry(now, creds.Expires).Add(-creds.Skew),
	}.Write(out, req)
}

// noPathError returns the error for a request without a path.
func (h Helper) noPathError(req Request, ep codecommit.Endpoint) error {
	scope := "--global"
	if h.NoHome() {
		scope = "--system"
	}
	return cli.WithHints(
		fmt.Errorf("git did not send the repository path for %s, which the signature needs", ep.Host),
		cli.Run("git config "+scope+" credential.https://"+req.Host+".useHttpPath true"),
		cli.RunThis("doctor https://"+req.Host).When("if that does not help"), // a later entry may set useHttpPath to false
	)
}

// expiry returns when an answer expires: when the service no longer accepts the
// signature, or when the session ends, if that is earlier. A session end in the
// past is ignored: AWS keeps serving instance keys after their expiry.
func expiry(signed, sessionEnd time.Time) time.Time {
	end := signed.Add(codecommit.Validity)
	if sessionEnd.After(signed) && sessionEnd.Before(end) {
		return sessionEnd
	}
	return end
}
