package guide

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"gopkg.in/ini.v1"
)

// awsStandIn implements the AWS CLI commands that the guide's administrators type:
// the operations below with these options, which are all required. It rejects
// everything else. It calls awsfake like the AWS CLI: signed, through the proxy.
// TestGuideWithTheAWSCLI runs the guide with the real AWS CLI.
func awsStandIn() {
	out, err := callAWS(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "aws (stand-in):", err)
		os.Exit(254)
	}
	fmt.Print(out)
}

var awsOperations = map[string]string{
	"sts get-caller-identity": "",

	"iam create-group":           "group-name",
	"iam put-group-policy":       "group-name policy-name policy-document",
	"iam add-user-to-group":      "group-name user-name",
	"iam remove-user-from-group": "group-name user-name",
	"iam delete-group-policy":    "group-name policy-name",
	"iam delete-group":           "group-name",

	"iam create-role":        "role-name path assume-role-policy-document max-session-duration?",
	"iam put-role-policy":    "role-name policy-name policy-document",
	"iam delete-role-policy": "role-name policy-name",
	"iam delete-role":        "role-name",

	"iam update-assume-role-policy": "role-name policy-document",

	"iam put-user-policy":    "user-name policy-name policy-document",
	"iam delete-user-policy": "user-name policy-name",
	"iam list-mfa-devices":   "user-name",

	"iam create-open-id-connect-provider":           "url client-id-list",
	"iam add-client-id-to-open-id-connect-provider": "open-id-connect-provider-arn cli-input-json",
	"iam delete-open-id-connect-provider":           "open-id-connect-provider-arn",

	"iam create-instance-profile":           "instance-profile-name",
	"iam get-instance-profile":              "instance-profile-name",
	"iam add-role-to-instance-profile":      "instance-profile-name role-name",
	"iam remove-role-from-instance-profile": "instance-profile-name role-name",
	"iam delete-instance-profile":           "instance-profile-name",

	"ec2 associate-iam-instance-profile": "instance-id iam-instance-profile region",
}

// awsQueries are the supported --query expressions, and the elements of the
// response that they select.
var awsQueries = map[string]*regexp.Regexp{
	"Account":                   regexp.MustCompile(`<Account>(.*?)</Account>`),
	"MFADevices[].SerialNumber": regexp.MustCompile(`<SerialNumber>(.*?)</SerialNumber>`),

	"InstanceProfile.Roles[].RoleName": regexp.MustCompile(`<RoleName>(.*?)</RoleName>`),
}

var awsServices = map[string]struct{ host, region, version string }{
	"sts": {"sts.us-east-1.amazonaws.com", "us-east-1", "2011-06-15"},
	"iam": {"iam.amazonaws.com", "us-east-1", "2010-05-08"},
	"ec2": {"ec2.us-east-2.amazonaws.com", "us-east-2", "2016-11-15"},
}

func callAWS(args []string) (string, error) {
	if len(args) < 2 {
		return "", errors.New("usage: aws SERVICE OPERATION --OPTION VALUE ...")
	}
	operation := args[0] + " " + args[1]
	options, ok := awsOperations[operation]
	if !ok {
		return "", fmt.Errorf("%s is not known", operation)
	}
	service := awsServices[args[0]]
	form := url.Values{"Action": {pascal(args[1])}, "Version": {service.version}}
	var query *regexp.Regexp
	given := []string{}
	for rest := args[2:]; len(rest) > 0; rest = rest[2:] {
		name, isOption := strings.CutPrefix(rest[0], "--")
		if !isOption || len(rest) < 2 || slices.Contains(given, name) {
			return "", fmt.Errorf("%s: %q has no value, is none, or is there twice", operation, rest[0])
		}
		given = append(given, name)
		value := rest[1]
		switch {
		case name == "query" && awsQueries[value] != nil:
			query = awsQueries[value]
		case name == "output" && value == "text":
		case !slices.Contains(strings.Fields(strings.ReplaceAll(options, "?", "")), name):
			return "", fmt.Errorf("%s: --%s %s is not known", operation, name, value)
		case name == "region":
			if value != service.region {
				return "", fmt.Errorf("%s: region %s is not known", operation, value)
			}
		case name == "client-id-list":
			var list []string
			if err := json.Unmarshal([]byte(value), &list); err != nil || len(list) != 1 {
				return "", fmt.Errorf("%s: --%s %s is not a list of one", operation, name, value)
			}
			form.Set("ClientIDList.member.1", list[0])
		case name == "cli-input-json":
			var input map[string]string
			if err := json.Unmarshal([]byte(value), &input); err != nil {
				return "", fmt.Errorf("%s: --%s %s: %w", operation, name, value, err)
			}
			for name, value := range input {
				form.Set(name, value)
			}
		case name == "iam-instance-profile":
			name, value, _ := strings.Cut(value, "=")
			form.Set("IamInstanceProfile."+name, value)
		default:
			if file, ok := strings.CutPrefix(value, "file://"); ok {
				contents, err := os.ReadFile(file)
				if err != nil {
					return "", err
				}
				value = string(contents)
			}
			form.Set(pascal(name), value)
		}
	}
	for name := range strings.FieldsSeq(options) {
		if !strings.HasSuffix(name, "?") && !slices.Contains(given, name) {
			return "", fmt.Errorf("%s: --%s is needed", operation, name)
		}
	}
	answer, err := postAWS(args[0], service.host, service.region, form)
	if err != nil {
		return "", err
	}
	if query == nil {
		return "", nil
	}
	var found []string
	for _, m := range query.FindAllStringSubmatch(answer, -1) {
		found = append(found, m[1])
	}
	return strings.Join(found, "\t") + "\n", nil
}

// pascal converts role-name to RoleName.
func pascal(s string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(s, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return strings.NewReplacer("OpenIdConnect", "OpenIDConnect", "ClientId", "ClientID", "Mfa", "MFA").Replace(b.String())
}

// refusal returns the AWS CLI's message for an error response.
func refusal(operation string, answer []byte) error {
	element := func(name string) string {
		m := regexp.MustCompile(`(?s)<` + name + `>(.*?)</` + name + `>`).FindSubmatch(answer)
		if m == nil {
			return string(bytes.TrimSpace(answer))
		}
		return string(m[1])
	}
	return fmt.Errorf("An error occurred (%s) when calling the %s operation: %s", element("Code"), operation, element("Message")) //nolint:staticcheck // the AWS CLI's words
}

func postAWS(service, host, region string, form url.Values) (string, error) {
	ctx := context.Background()
	body := form.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+host+"/", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	file, err := ini.Load(filepath.Join(os.Getenv("HOME"), ".aws", "credentials"))
	if err != nil {
		return "", err
	}
	key := file.Section("default")
	credentials := aws.Credentials{AccessKeyID: key.Key("aws_access_key_id").String(), SecretAccessKey: key.Key("aws_secret_access_key").String()}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), service, region, time.Now()); err != nil {
		return "", err
	}
	authority, err := os.ReadFile(os.Getenv("AWS_CA_BUNDLE"))
	if err != nil {
		return "", err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: pool}}}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = refusal(form.Get("Action"), answer)
	}
	return string(answer), err
}
