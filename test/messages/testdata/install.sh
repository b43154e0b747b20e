fail "cannot read $file" \
  "run: $self --help"
