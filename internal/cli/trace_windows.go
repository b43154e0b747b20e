package cli

import "os"

// traceFlags open a trace to append to.
const traceFlags = os.O_WRONLY | os.O_APPEND | os.O_CREATE
