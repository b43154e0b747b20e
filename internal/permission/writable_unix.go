//go:build unix

// Package permission determines what other users may do with files.
package permission

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"git-credential-codecommit/internal/regularfile"
)

// WritableBy returns which users other than its owner and root can change the file
// at path or replace it in its folder: "every user", `the group "staff"`, or "" for
// none. What is the file or the folder that allows it. For a symbolic link, that may
// be the folder that contains the link. The private group that many systems create
// for each user is ignored. A file that does not exist, or is on a file system that
// may ignore modes or is mounted read-only, is treated as not writable by others.
func WritableBy(path string) (who, what string) {
	paths := []string{path, filepath.Dir(path)}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSymlink {
		target, err := filepath.EvalSymlinks(path)
		if err != nil {
			return "", ""
		}
		paths = []string{target, filepath.Dir(target), filepath.Dir(path)}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return "", ""
		}
		if who := writers(info); who != "" && !ignoresModes(path) && !isReadOnly(path) {
			return who, path
		}
	}
	return "", ""
}

// isReadOnly reports whether a file is on a file system that is mounted read-only,
// like Kubernetes' ConfigMaps, whose folder has mode 0777.
func isReadOnly(path string) bool {
	return errors.Is(unix.Access(path, unix.W_OK), unix.EROFS)
}

// writers returns which other users can write to a file, or replace the entries of
// a folder. In a sticky folder, only an entry's owner can.
func writers(info fs.FileInfo) string {
	const group, others = 0o020, 0o002
	stat := info.Sys().(*syscall.Stat_t)
	switch {
	case info.IsDir() && info.Mode()&fs.ModeSticky != 0:
	case info.Mode()&others != 0:
		return "every user"
	case info.Mode()&group != 0 && !isPrivate(stat.Uid, stat.Gid):
		return "the group " + groupName(stat.Gid)
	}
	return ""
}

// isPrivate reports whether a group is a user's private group: the user's primary
// group, with the user's name and without other members. If the system's databases
// do not contain them, the IDs must be equal.
func isPrivate(uid, gid uint32) bool {
	owner, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	group, err2 := user.LookupGroupId(strconv.FormatUint(uint64(gid), 10))
	if err != nil || err2 != nil {
		return uid == gid
	}
	if owner.Gid != group.Gid || owner.Username != group.Name {
		return false
	}
	groups, _ := regularfile.Read("/etc/group", maxGroupFile)
	return !hasOtherMembers(string(groups), group.Name)
}

// maxGroupFile is the size limit for /etc/group: 4 MiB.
const maxGroupFile = 4 << 20

// hasOtherMembers reports whether a user's private group has other members. Groups
// is in the format of group(5).
func hasOtherMembers(groups, name string) bool {
	for line := range strings.Lines(groups) {
		if fields := strings.Split(strings.TrimSpace(line), ":"); len(fields) == 4 && fields[0] == name {
			for member := range strings.SplitSeq(fields[3], ",") {
				if member != "" && member != name {
					return true
				}
			}
		}
	}
	return false
}

func groupName(gid uint32) string {
	id := strconv.FormatUint(uint64(gid), 10)
	if group, err := user.LookupGroupId(id); err == nil {
		return strconv.Quote(group.Name)
	}
	return id
}

func ignoresModes(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return MayIgnoreModes(f)
}
