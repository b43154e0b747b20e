package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/smithy-go"

	"git-credential-codecommit/awsprofile"
)

// loginRefreshWindow is how long before its end a login's access key is
// renewed, as the AWS CLI does.
const loginRefreshWindow = 5 * time.Minute

// LoginError is returned when a person must run `aws login` again.
type LoginError struct{ Problem string }

func (e *LoginError) Error() string { return e.Problem }

// loginFile is what is read of the file that `aws login` leaves.
type loginFile struct {
	AccessToken struct {
		AccessKeyID     string `json:"accessKeyId"`
		SecretAccessKey string `json:"secretAccessKey"`
		SessionToken    string `json:"sessionToken"`
		AccountID       string `json:"accountId"`
		ExpiresAt       string `json:"expiresAt"`
	} `json:"accessToken"`
}

// login returns the access key of an `aws login` session, renewed if it is
// about to end:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html.
func (w *walk) login(ctx context.Context, s awsprofile.Login) (Credentials, error) {
	dir, home := w.LoginCache, ""
	if dir == "" {
		if w.Home == "" {
			return Credentials{}, &LoginError{Problem: "there is no home folder to find the login in"}
		}
		dir, home = filepath.Join(w.Home, ".aws", "login", "cache"), w.Home
	}
	sum := sha256.Sum256([]byte(s.Session))
	key := hex.EncodeToString(sum[:])
	logins := &store{home: home, dir: dir, now: w.clock.Now, trace: w.Trace}
	path := logins.path(key + ".json")

	creds, err := readLogin(path)
	if err != nil {
		return Credentials{}, err
	}
	if creds.Expires.Sub(w.clock.Now()) > loginRefreshWindow {
		return creds, nil
	}
	// Of many processes one renews: a refresh token may be used once.
	unlock := logins.lock(ctx, key, lockTimeout, func() bool { return false })
	defer unlock()
	if creds, err = readLogin(path); err != nil {
		return Credentials{}, err
	}
	if creds.Expires.Sub(w.clock.Now()) > loginRefreshWindow {
		return creds, nil
	}
	if err := w.renewLogin(ctx, logins, key); err != nil {
		if creds.Expires.After(w.clock.Now()) {
			return creds, nil
		}
		return Credentials{}, err
	}
	return readLogin(path)
}

func readLogin(path string) (Credentials, error) {
	data, err := readSmallFile(path)
	if err != nil {
		return Credentials{}, &LoginError{Problem: fmt.Sprintf("no login (%s: %s)", path, pathCause(err))}
	}
	var f loginFile
	err = json.Unmarshal(data, &f)
	expires, timeErr := parseTime(f.AccessToken.ExpiresAt)
	if err != nil || timeErr != nil || f.AccessToken.AccessKeyID == "" {
		return Credentials{}, &LoginError{Problem: fmt.Sprintf("the file of the login is damaged (%s)", path)}
	}
	return Credentials{
		AccessKeyID:     f.AccessToken.AccessKeyID,
		SecretAccessKey: f.AccessToken.SecretAccessKey,
		SessionToken:    f.AccessToken.SessionToken,
		Expires:         expires,
		AccountID:       f.AccessToken.AccountID,
	}, nil
}

// renewLogin has the SDK renew the login. The SDK writes its file in place,
// where a kill would lose the refresh token: it is given a copy, which then
// takes the file's place whole. In the copy the access key has ended long ago,
// since the SDK renews no sooner.
func (w *walk) renewLogin(ctx context.Context, logins *store, key string) error {
	httpClient, err := w.httpClient()
	if err != nil {
		return err
	}
	path := logins.path(key + ".json")
	data, err := readSmallFile(path)
	if err != nil {
		return err
	}
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	if token, ok := members["accessToken"].(map[string]any); ok {
		token["expiresAt"] = time.Unix(0, 0).UTC().Format(time.RFC3339)
	}
	if data, err = json.Marshal(members); err != nil {
		return err
	}
	copied := key + "." + rand.Text() + ".tmp"
	if err := logins.writeFile(copied, data); err != nil {
		return &FileError{What: "login", Path: path, Err: pathCause(err)}
	}
	defer func() { _ = os.Remove(logins.path(copied)) }()

	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("signin:CreateOAuth2Token in %s", w.region())
	client := signin.New(signin.Options{
		Region:       w.region(),
		HTTPClient:   httpClient,
		Retryer:      newRetryer(),
		Logger:       quiet,
		BaseEndpoint: optional(w.chain.Settings.Endpoints["signin"]),
	})
	if _, err := logincreds.New(client, logins.path(copied)).Retrieve(ctx); err != nil {
		var call *smithy.OperationError
		if errors.As(err, &call) {
			return callError("sign-in", err)
		}
		return &LoginError{Problem: "the login has expired"}
	}
	return os.Rename(logins.path(copied), path)
}
