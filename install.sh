#!/bin/sh
# Builds git-credential-codecommit from the checkout this file lies in, and puts
# it and git-remote-codecommit on PATH. Run install.sh --help for the rest.
#
# Words for people: what was done on standard output; "error:" and "hint:" on
# standard error, lower case, no full stop, the hint names the command to type.
set -eu
unset CDPATH

helper=git-credential-codecommit
remote=git-remote-codecommit
module=git-credential-codecommit # as in go.mod

work=   # folder of the build in progress, removed whatever happens
shadow= # set once another program was found ahead of ours on PATH

usage() {
  cat <<END
usage: install.sh [--prefix DIR] [--uninstall]

Builds $helper and installs it as DIR/bin/$helper,
with DIR/bin/$remote as a second name of it.

  --prefix DIR   where to install: ~/.local, or /usr/local for root, unless given
  --uninstall    remove both programs from DIR/bin again, and nothing else
  --help         print this

It needs Go $(minimum_go) or newer. Running it again updates what is there.
END
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
  require_go
  refuse_foreign
  # In the same folder, so that mv replaces the old program at once or not at all.
  work=$(umask 022 && mkdir -p -- "$bin" 2>&1 && mktemp -d "$bin/.$helper.XXXXXX" 2>&1) || {
    why=$work
    work=
    fail "cannot write to $bin${why:+: ${why##*: }}" "choose a folder of yours: $self --prefix DIR" "or run it as root: sudo $again"
  }
  build "$work/$helper"
  mv -f -- "$work/$helper" "$bin/$helper"
  link
  say "installed $bin/$helper"
  say "installed $bin/$remote"
  "$bin/$helper" version
}

uninstall() {
  removed=
  for name in $helper $remote; do
    file=$bin/$name
    if ! exists "$file"; then
      continue
    fi
    if ! is_ours "$file"; then
      say "left $file: not installed by this script"
      continue
    fi
    rm -f -- "$file" || fail "cannot remove $file" "run it as root: sudo $again --uninstall"
    say "removed $file"
    removed=yes
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

main() {
  here=$(cd -- "$(dirname -- "$0")" && pwd -P)
  if ! grep -qx "module $module" "$here/go.mod" 2>/dev/null; then
    fail "$here is not a checkout of $helper" "get the whole repository, and run its install.sh"
  fi
  self=$(quoted "$here/install.sh")

  prefix=
  action=install
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
      --uninstall) action=uninstall ;;
      -h | --help)
        usage
        return
        ;;
      *) usage_error "unknown argument $(quoted "$1")" ;;
    esac
    shift
  done

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
  again="$self --prefix $(quoted "${prefix:-/}")"

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
}

main "$@"
