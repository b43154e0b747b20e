#!/bin/sh
# Builds git-credential-codecommit from the checkout this file lies in, or takes
# it from a release archive, and puts it and git-remote-codecommit on PATH. Run
# install.sh --help for the rest.
#
# Words for people: what was done on standard output; "error:" and "hint:" on
# standard error, lower case, no full stop, the hint names the command to type.
set -eu
unset CDPATH

helper=git-credential-codecommit
remote=git-remote-codecommit
module=git-credential-codecommit # as in go.mod

work=    # folder of the work in progress, removed whatever happens
shadow=  # set once another program was found ahead of ours on PATH
archive= # release archive to install from
sha256=  # what its checksum must be

usage() {
  cat <<END
usage: install.sh [--archive FILE [--sha256 SUM]] [--prefix DIR] [--system [-- FLAG...]]
       install.sh [--prefix DIR] --uninstall

Installs $helper as DIR/bin/$helper, with
DIR/bin/$remote as a second name of it, and their man pages. In a
checkout it builds it first, in an unpacked release it takes what is there.

  --archive FILE  install from the release archive FILE (.tar.gz), if its checksum
                  is the one in the file SHA256SUMS of the same folder
  --sha256 SUM    or this one
  --prefix DIR    where to install: ~/.local, or /usr/local for root, unless given
  --system        then set git up for everybody on this machine, as a boot script
                  does: $helper setup --scope system FLAG...
  --uninstall     remove all that again, and nothing else: what setup wrote to git's
                  configuration, too, if git runs the program of DIR
  --help          print this

Running it again updates what is there.
END
  if [ "$from" = checkout ]; then
    say "Without --archive it needs Go $(minimum_go) or newer."
  fi
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

# fail says the error and its hints, one an argument, and exits.
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

# quoted prints a word the way a shell reads it back.
quoted() {
  case $1 in
    '' | *[!A-Za-z0-9_./+,@%=:-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}

clean_up() {
  if [ -n "$work" ]; then
    rm -rf -- "$work"
  fi
}

# user_home prints the home folder: HOME, or what the system knows of the user,
# because a boot script often runs without HOME.
user_home() {
  if [ -n "${HOME:-}" ]; then
    say "$HOME"
    return
  fi
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

# at_least says whether version $1 (1.26.8) is $2 (1.26.0) or newer.
at_least() {
  awk -v have="$1" -v want="$2" 'BEGIN {
    split(have, h, "."); split(want, w, ".")
    for (i = 1; i <= 3; i++) if (h[i] + 0 != w[i] + 0) exit (h[i] + 0 < w[i] + 0)
  }'
}

require_go() {
  want=$(minimum_go)
  get_go="install Go $want or newer from https://go.dev/dl/, then run this again"
  if ! command -v go >/dev/null 2>&1; then
    if [ -x /usr/local/go/bin/go ]; then
      # What sudo leaves of PATH often lacks it.
      get_go="run: PATH=\"\$PATH:/usr/local/go/bin\" $again"
    fi
    fail "go is not on PATH, and $helper is built with it" "$get_go"
  fi
  # In the checkout, so that a go that can fetch the toolchain go.mod wants does.
  have=$(cd -- "$here" && go env GOVERSION) || fail "go does not run in $here" "$get_go"
  case $have in
    go[0-9]*)
      at_least "${have#go}" "$want" ||
        fail "go on PATH is ${have#go}, and $helper needs $want or newer" "$get_go"
      ;;
  esac
}

# is_build says whether a file is a build of this program, by the build
# information that Go puts into it; it does not run the file.
is_build() {
  [ -f "$1" ] && LC_ALL=C grep -q "path$(printf '\t')$module\$" "$1" 2>/dev/null
}

# is_ours says whether $1 is what this script would have put there: the program
# itself, or for the second name also a link to it in the same folder.
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

# way_out prints how to be rid of a program that is not ours.
way_out() {
  case $(readlink "$1" 2>/dev/null || :) in
    *pipx*)
      say "run: pipx uninstall ${1##*/}"
      return
      ;;
  esac
  # What pip and pyenv put into a bin folder names them in its first lines.
  case $(head -n 3 "$1" 2>/dev/null | LC_ALL=C tr -dc '[:print:]') in
    *python* | *PYENV*) say "run: pip uninstall ${1##*/}" ;;
    *) say "if you do not need it, run: rm $(quoted "$1")" ;;
  esac
}

# refuse_foreign stops before anything of somebody else's would be overwritten.
refuse_foreign() {
  for name in $helper $remote; do
    file=$bin/$name
    if exists "$file" && ! is_ours "$file"; then
      if [ -d "$file" ]; then
        fail "$file is a folder" "choose another place: $self --prefix DIR"
      fi
      fail "$file is another program, not installed by this script, and stays as it is" \
        "$(way_out "$file")" "or choose another place: $self --prefix DIR"
    fi
  done
}

# build builds the program of the checkout as $1.
build() {
  say "building with $(cd -- "$here" && go env GOVERSION)"
  vcs=
  if ! git -C "$here" rev-parse HEAD >/dev/null 2>&1; then
    vcs=-buildvcs=false # git refuses checkouts of other users, and go then fails
  fi
  (
    cd -- "$here"
    # For this machine, whatever the environment would cross-compile to.
    CGO_ENABLED=0 GOOS='' GOARCH='' go build -trimpath $vcs -ldflags '-s -w' -o "$1" .
  ) || fail "the build failed; nothing was changed"
  chmod 755 "$1"
  "$1" version >/dev/null || fail "the program was built, but does not run: $1 version" \
    "if $bin is mounted noexec, choose another place: $self --prefix DIR"
}

# take takes the program of the unpacked release in folder $1 as $2.
take() {
  if ! is_build "$1/$helper"; then
    fail "there is no $helper in ${archive:-$1}" "get the archive for $(uname -s) on $(uname -m)"
  fi
  cp -- "$1/$helper" "$2" || fail "cannot copy $1/$helper; nothing was changed"
  chmod 755 "$2"
  "$2" version >/dev/null 2>&1 || fail "the program in ${archive:-$1} does not run on this machine" \
    "get the archive for $(uname -s) on $(uname -m)" \
    "if $bin is mounted noexec, choose another place: $self --prefix DIR"
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

# wanted_checksum prints what the archive's is to be.
wanted_checksum() {
  if [ -n "$sha256" ]; then
    say "$sha256" | tr A-F a-f
    return
  fi
  name=${archive##*/} awk '$2 == ENVIRON["name"] || $2 == "*" ENVIRON["name"] { print $1; exit }' "${archive%/*}/SHA256SUMS"
}

# verify refuses an archive that is not what was released.
verify() {
  if [ ! -f "$archive" ]; then
    fail "there is no file $archive"
  fi
  if [ -z "$sha256" ] && [ ! -f "${archive%/*}/SHA256SUMS" ]; then
    fail "there is no file SHA256SUMS beside $archive to compare its checksum with" \
      "get it from where the archive came from, or give the checksum: $again --sha256 SUM"
  fi
  want=$(wanted_checksum)
  case $want in
    '') fail "the file SHA256SUMS does not name ${archive##*/}" "get SHA256SUMS and the archive from the same release" ;;
    *[!0-9a-f]*) fail "$want is not a SHA-256 checksum, which has 64 hexadecimal digits" ;;
  esac
  have=$(checksum "$archive")
  if [ -z "$have" ]; then
    fail "none of sha256sum, shasum and openssl is there to compute the checksum of $archive" "install coreutils"
  fi
  if [ "$have" != "$want" ]; then
    fail "the checksum of $archive is $have, and is to be $want" "get the archive again"
  fi
  say "verified the checksum of $archive"
}

# unpack unpacks the archive and sets $unpacked, the folder in it.
unpack() {
  for tool in tar gzip; do
    command -v $tool >/dev/null 2>&1 || fail "$tool is not on PATH, and unpacks the archive" "install $tool"
  done
  mkdir "$work/unpacked"
  tar -xzf "$archive" -C "$work/unpacked" || fail "cannot unpack $archive; nothing was changed" \
    "get the .tar.gz for $(uname -s) on $(uname -m)"
  for unpacked in "$work"/unpacked/*/; do
    return
  done
}

# is_page says whether $1 is a man page of ours, or may become one.
is_page() {
  page=${1##*/}
  ! exists "$1" || { [ -f "$1" ] && grep -qi "^\\.Dt ${page%.1} 1\$" "$1"; }
}

# install_pages installs the man pages from folder $1. Without them the programs
# work all the same.
install_pages() {
  if ! (umask 022 && mkdir -p -- "$man") 2>/dev/null; then
    warn "cannot write to $man; the man pages are not installed"
    return
  fi
  for name in $helper.1 $remote.1; do
    if ! is_page "$man/$name"; then
      warn "$man/$name is another page, not installed by this script, and stays as it is"
    elif cp -- "$1/$name" "$work/$name" && chmod 644 "$work/$name" && mv -f -- "$work/$name" "$man/$name" 2>/dev/null; then
      say "installed $man/$name"
    else
      warn "cannot write $man/$name; it is not installed"
    fi
  done
}

# link makes the second name: a link that moves along with its folder, a copy
# where the file system has no links.
link() {
  if [ -L "$bin/$remote" ]; then
    return
  fi
  if ln -s $helper "$work/$remote" 2>/dev/null; then
    mv -f -- "$work/$remote" "$bin/$remote"
    return
  fi
  cp -- "$bin/$helper" "$work/$remote"
  chmod 755 "$work/$remote"
  mv -f -- "$work/$remote" "$bin/$remote"
}

install() {
  if [ -n "$archive" ]; then
    verify
  elif [ "$from" = checkout ]; then
    require_go
  fi
  refuse_foreign
  # In the same folder, so that mv replaces the old program at once or not at all.
  work=$(umask 022 && mkdir -p -- "$bin" 2>&1 && mktemp -d "$bin/.$helper.XXXXXX" 2>&1) || {
    why=$work
    work=
    fail "cannot write to $bin${why:+: ${why##*: }}" "choose a folder of yours: $self --prefix DIR" "or run it as root: sudo $again"
  }
  if [ -n "$archive" ]; then
    unpack
    take "${unpacked%/}" "$work/$helper"
    pages=${unpacked%/}/man
  elif [ "$from" = checkout ]; then
    build "$work/$helper"
    pages=$here/doc
  else
    take "$here" "$work/$helper"
    pages=$here/man
  fi
  mv -f -- "$work/$helper" "$bin/$helper"
  link
  say "installed $bin/$helper"
  say "installed $bin/$remote"
  install_pages "$pages"
  "$bin/$helper" version
}

# names_program says whether git's configuration of the scope $1, as far as it
# can be read, runs the installed program by its path.
names_program() {
  git config "--$1" --get-regexp '^credential\.(.*\.)?helper$' 2>/dev/null |
    grep -F -q -e "$bin/$helper" -e "$(quoted "$bin/$helper")"
}

# take_back takes back what setup wrote to git's configuration: without the
# program git would fail to run it for each command.
take_back() {
  if ! command -v git >/dev/null 2>&1 || ! is_build "$bin/$helper"; then
    return
  fi
  for scope in global system; do
    if ! names_program $scope; then
      continue
    fi
    "$bin/$helper" setup --scope $scope --undo 2>/dev/null || :
    if names_program $scope; then
      as_root=
      if [ $scope = system ] && [ "$(id -u)" != 0 ]; then
        as_root='sudo '
      fi
      warn "git's $scope configuration still names $bin/$helper, which is removed"
      hint "take its lines out: ${as_root}git config --$scope --edit"
    fi
  done
}

# remove removes file $1, if it passes test $2.
remove() {
  if ! exists "$1"; then
    return
  fi
  if ! $2 "$1"; then
    say "left $1: not installed by this script"
    return
  fi
  rm -f -- "$1" || fail "cannot remove $1" "run it as root: sudo $again --uninstall"
  say "removed $1"
  removed=yes
}

uninstall() {
  take_back
  removed=
  for name in $helper $remote; do
    remove "$bin/$name" is_ours
  done
  for name in $helper.1 $remote.1; do
    remove "$man/$name" is_page
  done
  if [ -z "$removed" ]; then
    say "nothing to remove in $bin"
  fi
}

# on_path says whether $bin is on PATH, and until then tells which programs of
# the same names git would find first.
on_path() {
  ours=$(cd -- "$bin" && pwd -P)
  found=1
  seen=
  # Git looks into its own folder first, whatever PATH says.
  path=$(git --exec-path 2>/dev/null || :)
  path=${path:+$path:}$PATH
  set -f
  old_ifs=$IFS
  IFS=:
  for dir in $path; do
    IFS=$old_ifs
    dir=$(cd -- "${dir:-.}" 2>/dev/null && pwd -P) || continue
    case $dir in
      "$ours")
        found=0
        break
        ;;
    esac
    case :$seen: in
      *":$dir:"*) continue ;; # /bin and /usr/bin are often one
    esac
    seen=$seen:$dir
    for name in $helper $remote; do
      if [ -f "$dir/$name" ] && [ -x "$dir/$name" ]; then
        warn_shadow "$dir/$name"
      fi
    done
  done
  IFS=$old_ifs
  set +f
  return $found
}

warn_shadow() {
  shadow=yes
  warn "git runs $1 instead, which comes first on PATH"
  if is_build "$1" && [ "$(basename -- "$(dirname -- "$1")")" = bin ] && [ ! -L "$1" ]; then
    hint "to remove that one, run: $self --prefix $(quoted "$(dirname -- "$(dirname -- "$1")")") --uninstall"
  else
    hint "$(way_out "$1")"
  fi
}

# path_hint names the line for the user's own shell, and the file to add it to.
path_hint() {
  # shellcheck disable=SC2016 # the user's shell expands $HOME
  case $bin in
    "${home:-/nowhere}"/*) dir='$HOME'$(in_double_quotes "${bin#"$home"}") ;;
    *) dir=$(in_double_quotes "$bin") ;;
  esac
  line="export PATH=\"$dir:\$PATH\""
  shell=${SHELL:-}
  case ${shell##*/} in
    zsh) rc=.zshrc ;;
    fish)
      rc=.config/fish/config.fish
      line="fish_add_path --move \"$dir\""
      ;;
    bash)
      rc=.bashrc
      if [ "$(uname -s)" = Darwin ]; then
        rc=.bash_profile # a terminal there starts a login shell
      fi
      ;;
    *) rc=.profile ;;
  esac
  hint "add this line to ~/$rc and open a new terminal: $line"
}

in_double_quotes() {
  printf '%s' "$1" | sed 's/[\\"$`]/\\&/g'
}

# advise tells what stands between the programs and git.
advise() {
  if ! on_path; then
    warn "$bin is not on PATH, so git does not find the programs"
    path_hint
  elif [ -n "$shadow" ]; then
    path_hint
  fi
}

# offer sets git up, or says how: for everybody on this machine if --system asks
# for it, else with the profile that a person at the terminal names.
offer() {
  if [ -n "$system" ]; then
    "$bin/$helper" setup --scope system "$@"
    return
  fi
  if [ -t 0 ] && [ -t 1 ]; then
    printf 'Set git up for CodeCommit with which AWS profile (none: later)? '
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
      --prefix)
        [ $# -gt 1 ] || usage_error "--prefix needs a folder"
        prefix=$2
        [ -n "$prefix" ] || usage_error "--prefix needs a folder"
        shift
        ;;
      --prefix=*)
        prefix=${1#--prefix=}
        [ -n "$prefix" ] || usage_error "--prefix needs a folder"
        ;;
      --archive | --sha256)
        [ -n "${2-}" ] || usage_error "$1 needs a value"
        case $1 in
          --archive) archive=$2 ;;
          *) sha256=$2 ;;
        esac
        shift
        ;;
      --archive=?*) archive=${1#--archive=} ;;
      --sha256=?*) sha256=${1#--sha256=} ;;
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
    usage_error "flags behind -- go with --system"
  fi
  if [ -n "$system" ] && [ $action = uninstall ]; then
    usage_error "--uninstall takes back what --system set up, without --system"
  fi
  if [ -n "$sha256" ] && [ -z "$archive" ]; then
    usage_error "--sha256 goes with --archive"
  fi
  if [ $action = install ] && [ -z "$archive$from" ]; then
    fail "$here is neither a checkout nor an unpacked release of $helper" \
      "install from a release archive: $self --archive FILE"
  fi

  home=$(user_home)
  if [ -z "$prefix" ]; then
    if [ "$(id -u)" = 0 ]; then
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
  esac
  while [ "$prefix" != "${prefix%/}" ]; do
    prefix=${prefix%/}
  done
  bin=$prefix/bin
  man=$prefix/share/man/man1
  again="$self --prefix $(quoted "${prefix:-/}")"
  case $archive in
    '' | /*) ;;
    *) archive=$PWD/$archive ;;
  esac
  if [ -n "$archive" ] && [ $action = install ]; then
    again="$again --archive $(quoted "$archive")${sha256:+ --sha256 $sha256}"
  fi

  if [ -z "${HOME:-}" ] && [ -n "$home" ]; then
    HOME=$home # go keeps its caches there
    export HOME
  fi

  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ $action = uninstall ]; then
    uninstall
    return
  fi
  install
  advise
  offer "$@"
}

main "$@"
