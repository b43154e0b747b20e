#!/bin/sh
# Installs git-credential-codecommit and git-remote-codecommit: from the checkout
# that this file is in, or from a release. install.sh --help explains how.
#
# Output for people: reports of what was done go to standard output; "error:", "warning:"
# and "hint:" lines go to standard error, lower case, without a full stop. A hint
# names the command to type.
set -eu
unset CDPATH

# The signer of releases, which the owner decides: the file or KMS URI of a public key
# that cosign reads, or the identity of the workflow that signs and its issuer.
# Empty means that signatures are not checked.
signer_key=
signer_identity=
signer_issuer=

helper=git-credential-codecommit
remote=git-remote-codecommit
module=git-credential-codecommit # as in go.mod

work=    # folder in $bin for the new program, removed at the end
private= # folder that only this user can read, removed at the end
made=    # folders that this script made and has not recorded yet, a line each
archive= # release archive to install from
sha256=  # its expected checksum, if given

usage() {
  cat <<END
usage: install.sh [--archive FILE [--sha256 SUM]] [--prefix DIR] [--system [-- FLAG...]]
       install.sh [--prefix DIR] --uninstall

Installs $helper in DIR/bin, under that name and as
$remote, and the man pages of both. In a checkout, it builds the
program; in an unpacked release, it installs the program from there.

  --archive FILE  install from the release archive FILE (.tar.gz), and compare its
                  checksum with the file SHA256SUMS in the same folder; if this script
                  names a signer, also check the signature of SHA256SUMS, which
                  requires cosign and the file SHA256SUMS.sigstore.json
  --sha256 SUM    compare the archive's checksum with SUM instead
  --prefix DIR    where to install (default: ~/.local, for root /usr/local)
  --system        also configure git for all users of this machine:
                  $helper setup --scope system FLAG...
  --uninstall     remove what was installed, and revert what setup wrote to git's
                  configuration if git runs the program in DIR
  --help          print this

Run it again to update.
END
  [ "$from" != checkout ] || say "Without --archive, it requires Go $(minimum_go) or later."
}

say() {
  printf '%s\n' "$*"
}

hint() {
  printf 'install.sh: hint: %s\n' "$*" >&2
}

warn() {
  printf 'install.sh: warning: %s\n' "$*" >&2
}

# fail prints the error $1 and a hint for each further argument, and exits.
fail() {
  printf 'install.sh: error: %s\n' "$1" >&2
  shift
  for line in "$@"; do
    hint "$line"
  done
  exit 1
}

usage_error() {
  printf 'install.sh: error: %s\n' "$1" >&2
  hint "run: $self --help"
  exit 2
}

# quoted prints a word as a shell reads it back.
quoted() {
  case $1 in
    '' | *[!A-Za-z0-9_./+,@%=:-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}

is_root() {
  [ "$(id -u)" = 0 ]
}

clean_up() {
  rm -rf -- ${work:+"$work"} ${private:+"$private"}
  remove_folders "$made" # after a failure
}

# user_home prints the home folder: HOME, or what the system knows of the user,
# because a boot script often runs without HOME.
user_home() {
  [ -z "${HOME:-}" ] || { say "$HOME" && return; }
  user=$(id -un)
  case $user in
    '' | *[!A-Za-z0-9._-]*) return ;;
  esac
  user=$(eval "printf '%s' ~$user")
  case $user in
    /*) say "$user" ;;
  esac
}

minimum_go() {
  sed -n 's/^go //p' "$here/go.mod"
}

# at_least succeeds if version $1 (1.26.8) is $2 (1.26.0) or later.
at_least() {
  awk -v have="$1" -v need="$2" 'BEGIN {
    split(have, h, "."); split(need, n, ".")
    for (i = 1; i <= 3; i++) if (h[i] + 0 != n[i] + 0) exit (h[i] + 0 < n[i] + 0)
  }'
}

# run_go runs go in the checkout, where it may choose the toolchain that go.mod
# names. For root, its caches and its telemetry are in the private folder: sudo
# may have kept HOME, and the user could not remove root's files from there.
# Modules that the user has already are not downloaded again.
run_go() (
  cd -- "$here"
  if is_root; then
    : "${GOENV:=${XDG_CONFIG_HOME:-${HOME:-}/.config}/go/env}"
    : "${GOCACHE:=$private/cache}" "${GOMODCACHE:=$private/modules}"
    modules=${HOME:-}/go/pkg/mod/cache/download
    # shellcheck disable=SC2030 # for go only
    export GOENV GOCACHE GOMODCACHE HOME="$private" XDG_CONFIG_HOME="$private/config"
    if [ -d "$modules" ]; then
      GOPROXY=file://$modules,$(go env GOPROXY)
      export GOPROXY
    fi
  fi
  exec go "$@"
)

require_go() {
  need=$(minimum_go)
  get_go="install Go $need or later from https://go.dev/dl/, then run: $again"
  if ! command -v go >/dev/null 2>&1; then
    if [ -n "${SUDO_USER:-}" ]; then
      get_go="if you have go, run: sudo env \"PATH=\$PATH:/usr/local/go/bin\" $again"
    elif [ -x /usr/local/go/bin/go ]; then
      get_go="run: PATH=\"\$PATH:/usr/local/go/bin\" $again"
    fi
    fail "go is not on PATH: it is required to build $helper" "$get_go"
  fi
  have=$(run_go env GOVERSION) || fail "cannot run go in $here" "$get_go"
  case $have in
    go[0-9]*)
      at_least "${have#go}" "$need" ||
        fail "go on PATH is version ${have#go}, but $helper requires $need or later" "$get_go"
      ;;
  esac
}

# is_build succeeds if a file is a build of this program, according to the build
# information that Go puts into it. It does not run the file.
is_build() {
  [ -f "$1" ] && LC_ALL=C grep -q "path$(printf '\t')$module\$" "$1" 2>/dev/null
}

# is_ours succeeds if this script could have put $1 there: a build of the program,
# or the link that is its second name.
is_ours() {
  if [ -L "$1" ]; then
    [ "$1" = "$bin/$remote" ] && [ "$(readlink "$1")" = "$helper" ]
  else
    is_build "$1"
  fi
}

exists() {
  [ -e "$1" ] || [ -L "$1" ]
}

# refuse_foreign fails if installing would overwrite another program.
refuse_foreign() {
  for name in $helper $remote; do
    file=$bin/$name
    if exists "$file" && ! is_ours "$file"; then
      if [ -d "$file" ]; then
        fail "$file is a folder" "choose another folder: $self --prefix DIR"
      fi
      fail "$file is another program, which this script does not replace" \
        "uninstall it (AWS's git-remote-codecommit: pip uninstall or pipx uninstall), or run: rm $(quoted "$file")" \
        "or choose another folder: $self --prefix DIR"
    fi
  done
}

# build builds the program of the checkout, in the current folder.
build() {
  say "building with $(run_go env GOVERSION)"
  vcs=-buildvcs=auto # git refuses checkouts of other users, and go would then fail
  git -C "$here" rev-parse HEAD >/dev/null 2>&1 || vcs=-buildvcs=false
  # Build for this machine, even if the environment selects another platform.
  (
    export CGO_ENABLED=0 GOOS='' GOARCH=''
    run_go build -trimpath $vcs -ldflags '-s -w' -o "$private/$helper" .
  ) || fail "the build failed; nothing was changed"
  cp -- "$private/$helper" $helper || fail "cannot write to $bin; nothing was changed"
  chmod 755 $helper
  ./$helper version >/dev/null || fail "the program was built, but does not run: $work/$helper version" "$noexec"
}

# take copies the program of the unpacked release in folder $1 to the current one.
take() {
  other="get the archive for $(uname -s) on $(uname -m)"
  is_build "$1/$helper" || fail "there is no $helper in ${archive:-$1}" "$other"
  cp -- "$1/$helper" $helper || fail "cannot copy $1/$helper; nothing was changed"
  chmod 755 $helper
  ./$helper version >/dev/null 2>&1 || fail "the program in ${archive:-$1} does not run on this machine" "$other" "$noexec"
}

# checksum prints the SHA-256 of a file, or nothing.
checksum() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum <"$1"
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 <"$1"
  else
    openssl dgst -sha256 -r <"$1" 2>/dev/null
  fi | sed 's/ .*//'
}

# fetch copies the archive and the files that vouch for it into the private
# folder, so that no one can exchange them after they were checked.
fetch() {
  [ -f "$archive" ] || fail "there is no file $archive"
  copy=$private/${archive##*/}
  cp -- "$archive" "$copy" || fail "cannot read $archive"
  for name in SHA256SUMS SHA256SUMS.sigstore.json; do
    if [ -f "${archive%/*}/$name" ]; then
      cp -- "${archive%/*}/$name" "$private/$name" || fail "cannot read ${archive%/*}/$name"
    fi
  done
}

# verify fails unless the copy of the archive is what was released.
verify() {
  if [ -n "$sha256" ]; then
    need=$(say "$sha256" | tr A-F a-f)
  elif [ -f "$private/SHA256SUMS" ]; then
    need=$(name=${archive##*/} awk '$2 == ENVIRON["name"] || $2 == "*" ENVIRON["name"] { print $1; exit }' "$private/SHA256SUMS")
  else
    fail "cannot verify $archive: there is no file SHA256SUMS next to it" \
      "download SHA256SUMS from the same place as the archive, or pass the checksum: $again --sha256 SUM"
  fi
  case $need in
    '') fail "the file SHA256SUMS does not name ${archive##*/}" "download SHA256SUMS and the archive of the same release" ;;
    *[!0-9a-f]*) fail "$need is not a SHA-256 checksum of 64 hexadecimal digits" ;;
  esac
  have=$(checksum "$copy")
  if [ -z "$have" ]; then
    fail "cannot compute the checksum of $archive: sha256sum, shasum and openssl are not installed" "install coreutils"
  elif [ "$have" != "$need" ]; then
    fail "the checksum of $archive is $have, not $need" "download the archive again"
  fi
  say "verified the checksum of $archive"
}

# verify_signature fails if SHA256SUMS was not signed by the owner's signer. If it
# cannot check that, because there is no signer or no cosign, it reports the reason.
verify_signature() {
  if [ -z "$signer_key$signer_identity" ]; then
    why='this install.sh names no signer'
  elif [ ! -f "$private/SHA256SUMS.sigstore.json" ]; then
    # Every release of a signer has the file: someone may have removed it.
    fail "cannot verify the signature of SHA256SUMS: there is no file SHA256SUMS.sigstore.json next to $archive" \
      "download SHA256SUMS from the same place as the archive, or pass the checksum: $again --sha256 SUM"
  elif ! command -v cosign >/dev/null 2>&1; then
    why='cosign is not installed'
  else
    set -- --certificate-identity "$signer_identity" --certificate-oidc-issuer "$signer_issuer"
    [ -z "$signer_key" ] || set -- --key "$signer_key"
    cosign verify-blob --bundle "$private/SHA256SUMS.sigstore.json" "$@" "$private/SHA256SUMS" >"$private/cosign" 2>&1 ||
      fail "the signature of SHA256SUMS is not valid: $(tail -n 1 "$private/cosign")" "download the release again from its publisher"
    say "verified the signature of SHA256SUMS"
    return
  fi
  say "the signature was not checked: $why"
}

# unpack unpacks the copy of the archive and sets $unpacked, the folder in it.
unpack() {
  for tool in tar gzip; do
    command -v $tool >/dev/null 2>&1 || fail "$tool is not on PATH: it is required to unpack the archive" "install $tool"
  done
  mkdir "$private/unpacked"
  tar -xzf "$copy" -C "$private/unpacked" || fail "cannot unpack $archive; nothing was changed" \
    "download the .tar.gz for $(uname -s) on $(uname -m)"
  for unpacked in "$private"/unpacked/*/; do
    return
  done
}

# owner prints the mode, the owner and the group of a folder.
owner() {
  # shellcheck disable=SC2012 # the options of stat and find differ between systems
  ls -ldn -- "$1" | awk '{ print $1, $3, $4 }'
}

# enter_work makes $work the current folder, and checks that it is still the one that
# this script made: another user who can write to $bin could put a link there.
enter_work() {
  us=$(owner "$private")
  if cd -- "$work" 2>/dev/null; then
    # shellcheck disable=SC2046,SC2086 # the words of the lines
    set -- $(owner .) $us
  else
    set --
  fi
  case "${1-} ${2-}" in
    d???--[-S]---*" ${5-}") ;;
    *) fail "another user replaced $work; nothing was changed" "choose another folder: $self --prefix DIR" ;;
  esac
}

# warn_shared warns root if another user can replace the programs, which root and
# other users will run.
warn_shared() {
  is_root || return 0
  who=
  # shellcheck disable=SC2046 # the words of the line
  set -- $(owner "$bin")
  case $1 in
    d????????[tT]*) ;; # only a file's owner can replace it
    d???????w*) who='every user' ;;
    d????w*) [ "$3" = 0 ] || who="the group $3" ;;
  esac
  case $2 in
    0 | "${SUDO_UID:-0}") ;;
    *) who="the user $2" ;;
  esac
  [ -z "$who" ] || warn "$who can replace the programs in $bin"
}

# make_folder makes the folder $1 and those above it. It puts the new ones at the
# beginning of $made, the deepest first.
make_folder() {
  folder=$1
  new=
  while [ ! -d "$folder" ]; do
    new="$new$folder
"
    folder=$(dirname -- "$folder")
  done
  (umask 022 && mkdir -p -- "$1") || return
  made=$new$made
}

# remove_folders removes those of the folders in $1, a line each, that are empty.
remove_folders() {
  printf '%s\n' "$1" | while IFS= read -r folder; do
    [ -z "$folder" ] || rmdir -- "$folder" 2>/dev/null || :
  done
}

# remove_recorded removes the folders that the record names, if they are empty and
# an installation in $prefix can have made them: those in it and above it. (setup
# --undo removes the files that setup made.)
remove_recorded() {
  if [ -f "$record" ]; then
    made=$(while IFS= read -r folder; do
      case $folder/ in
        */../*) ;;
        "$prefix"/*) printf '%s\n' "$folder" ;;
        *) case $prefix/ in "$folder"/*) printf '%s\n' "$folder" ;; esac ;;
      esac
    done <"$record")
    rm -f -- "$record"
    remove_folders "$made"
    made=
  fi
}

# is_page succeeds if $1 is a man page of this program, or does not exist.
is_page() {
  page=${1##*/}
  ! exists "$1" || { [ -f "$1" ] && grep -qi "^\\.Dt ${page%.1} 1\$" "$1"; }
}

# install_pages installs the man pages from folder $1. The programs work without
# them, so failures are warnings.
install_pages() {
  make_folder "$man" 2>/dev/null || { warn "cannot write to $man; the man pages are not installed" && return; }
  for name in $helper.1 $remote.1; do
    if ! is_page "$man/$name"; then
      warn "$man/$name is the man page of another program; it was not replaced"
    elif cp -- "$1/$name" "$name" && chmod 644 "$name" && mv -f -- "$name" "$man/$name" 2>/dev/null; then
      say "installed $man/$name"
    else
      warn "cannot write $man/$name; it is not installed"
    fi
  done
}

# link makes the second name: a relative link, so that the folder can be moved, or
# a copy where the file system has no links.
link() {
  [ ! -L "$bin/$remote" ] || return 0
  ln -s $helper $remote 2>/dev/null || cp -p -- "$bin/$helper" $remote
  mv -f -- $remote "$bin/$remote"
}

install() {
  private=$(mktemp -d "${TMPDIR:-/tmp}/$helper.XXXXXX") || fail "cannot create a temporary folder in ${TMPDIR:-/tmp}"
  private=$(cd -- "$private" && pwd -P)
  if [ -n "$archive" ]; then
    fetch
    verify
    [ -n "$sha256" ] || verify_signature # of SHA256SUMS
  elif [ "$from" = checkout ]; then
    require_go
  fi
  refuse_foreign
  # $work is in $bin, so that mv replaces the old program at once or not at all.
  if ! make_folder "$bin" 2>"$private/why" || ! work=$(mktemp -d "$bin/.$helper.XXXXXX" 2>"$private/why"); then
    work=
    why=$(cat "$private/why")
    fail "cannot write to $bin${why:+: ${why##*: }}" "choose a folder that you can write to: $self --prefix DIR" \
      "or run it as root: sudo env \"PATH=\$PATH\" $again"
  fi
  source=$here
  if [ -n "$archive" ]; then
    unpack
    source=${unpacked%/}
  fi
  start=$PWD
  enter_work
  if [ "$from" = checkout ] && [ -z "$archive" ]; then
    build
    pages=$source/doc
  else
    take "$source"
    pages=$source/man
  fi
  version=$(./$helper version)
  mv -f -- $helper "$bin/$helper"
  link
  say "installed $bin/$helper"
  say "installed $bin/$remote"
  install_pages "$pages"
  [ -z "$made" ] || (umask 022 && make_folder "${record%/*}" && printf '%s' "$made" >>"$record")
  made=
  cd -- "$start"
  say "$version"
  warn_shared
}

# names_program succeeds if git's configuration of the scope $1, as far as it can
# be read, runs the installed program by its path.
names_program() {
  git config "--$1" --get-regexp '^credential\.(.*\.)?helper$' 2>/dev/null | {
    while read -r _ value; do
      case "${value#!} " in
        "$bin/$helper "* | "$(quoted "$bin/$helper") "*) exit 0 ;;
      esac
    done
    exit 1
  }
}

# revert_setup reverts what setup wrote to git's configuration: git would
# otherwise try to run the removed program for each command.
revert_setup() {
  command -v git >/dev/null 2>&1 && is_build "$bin/$helper" || return 0
  for scope in global system; do
    names_program $scope || continue
    "$bin/$helper" setup --scope $scope --undo 2>/dev/null || :
    if names_program $scope; then
      sudo=
      [ $scope = global ] || is_root || sudo='sudo '
      warn "git's $scope configuration still names $bin/$helper, which is being removed"
      hint "to remove its lines, run: ${sudo}git config --$scope --edit"
    fi
  done
}

# remove removes file $1, if it passes test $2.
remove() {
  exists "$1" || return 0
  $2 "$1" || { say "kept $1: not installed by this script" && return; }
  rm -f -- "$1" || fail "cannot remove $1" "run it as root: sudo $again --uninstall"
  say "removed $1"
  removed=yes
}

uninstall() {
  revert_setup
  removed=
  for name in $helper $remote; do
    remove "$bin/$name" is_ours
    remove "$man/$name.1" is_page
  done
  remove_recorded
  [ -n "$removed" ] || say "nothing to remove in $bin"
}

# on_path succeeds if $bin is on PATH, by this name or another.
on_path() (
  ours=$(cd -- "$bin" && pwd -P)
  set -f
  IFS=:
  for dir in $PATH; do
    if [ "$(cd -- "${dir:-.}" 2>/dev/null && pwd -P)" = "$ours" ]; then
      exit 0
    fi
  done
  exit 1
)

# path_hint names the line that puts $bin on PATH, and the file of the user's shell.
path_hint() {
  warn "$bin is not on PATH, so git does not find the programs"
  # shellcheck disable=SC2016 # the user's shell expands $HOME
  case $bin in
    "${home:-/nowhere}"/*) dir='$HOME'$(in_double_quotes "${bin#"$home"}") ;;
    *) dir=$(in_double_quotes "$bin") ;;
  esac
  line="export PATH=\"$dir:\$PATH\""
  case ${SHELL:-} in
    */zsh) rc=.zshrc ;;
    */fish)
      rc=.config/fish/config.fish
      line="fish_add_path --move \"$dir\""
      ;;
    */bash)
      rc=.bashrc
      [ "$(uname -s)" != Darwin ] || rc=.bash_profile # a terminal there starts a login shell
      ;;
    *) rc=.profile ;;
  esac
  hint "add this line to ~/$rc and open a new terminal: $line"
}

in_double_quotes() {
  printf '%s' "$1" | sed 's/[\\"$`]/\\&/g'
}

# offer configures git, or says how: for all users with --system, otherwise for
# the profile that a person at the terminal enters.
offer() {
  if [ -n "$system" ]; then
    "$bin/$helper" setup --scope system "$@"
    return
  fi
  if [ -t 0 ] && [ -t 1 ]; then
    printf 'AWS profile for CodeCommit (leave empty to configure git later): '
    read -r profile || profile=
    if [ -n "$profile" ]; then
      "$bin/$helper" setup --profile "$profile"
      return
    fi
  fi
  say "next: $helper setup --profile NAME"
}

main() {
  here=$(cd -- "$(dirname -- "$0")" && pwd -P)
  from=
  if grep -qx "module $module" "$here/go.mod" 2>/dev/null; then
    from=checkout
  elif [ -f "$here/$helper" ]; then
    from=release
  fi
  self=$(quoted "$here/install.sh")

  prefix=
  action=install
  system=
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix | --archive | --sha256)
        [ -n "${2-}" ] || usage_error "$1 requires a value"
        case $1 in
          --prefix) prefix=$2 ;;
          --archive) archive=$2 ;;
          *) sha256=$2 ;;
        esac
        shift
        ;;
      --prefix=?*) prefix=${1#--prefix=} ;;
      --archive=?*) archive=${1#--archive=} ;;
      --sha256=?*) sha256=${1#--sha256=} ;;
      --prefix= | --archive= | --sha256=) usage_error "${1%=} requires a value" ;;
      --system) system=yes ;;
      --uninstall) action=uninstall ;;
      --)
        shift
        break
        ;;
      -h | --help)
        usage
        return
        ;;
      *) usage_error "unknown argument $(quoted "$1")" ;;
    esac
    shift
  done

  if [ $# -gt 0 ] && [ -z "$system" ]; then
    usage_error "flags after -- require --system"
  fi
  if [ -n "$system" ] && [ $action = uninstall ]; then
    usage_error "--uninstall and --system cannot be used together"
  fi
  if [ -n "$sha256" ] && [ -z "$archive" ]; then
    usage_error "--sha256 requires --archive"
  fi
  if [ $action = install ] && [ -z "$archive$from" ]; then
    fail "$here is neither a checkout nor an unpacked release of $helper" \
      "to install from a release archive, run: $self --archive FILE"
  fi

  home=$(user_home)
  if [ -z "$prefix" ]; then
    if is_root; then
      prefix=/usr/local
    elif [ -n "$home" ]; then
      prefix=$home/.local
    else
      fail "no home folder to install into" "run: $self --prefix DIR"
    fi
  fi
  case $prefix in
    /*) ;;
    *) prefix=$PWD/$prefix ;;
  esac
  case $prefix in
    *:*) usage_error "the folder $prefix cannot be on PATH: its name has a colon" ;;
    *'
'*) usage_error "--prefix must be one line" ;;
  esac
  while [ "$prefix" != "${prefix%/}" ]; do
    prefix=${prefix%/}
  done
  bin=$prefix/bin
  man=$prefix/share/man/man1
  record=$prefix/share/$helper/created # $made of every installation
  noexec="if $bin is mounted noexec, choose another folder: $self --prefix DIR"
  again="$self --prefix $(quoted "${prefix:-/}")"
  case $archive in
    '' | /*) ;;
    *) archive=$PWD/$archive ;;
  esac
  if [ -n "$archive" ] && [ $action = install ]; then
    again="$again --archive $(quoted "$archive")${sha256:+ --sha256 $sha256}"
  fi

  # shellcheck disable=SC2031 # no subshell has changed it here
  if [ -z "${HOME:-}" ] && [ -n "$home" ]; then
    HOME=$home # go keeps its caches there, and git its configuration
    export HOME
  fi

  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ $action = uninstall ]; then
    uninstall
  else
    install
    on_path || path_hint
    offer "$@"
  fi
}

main "$@"
