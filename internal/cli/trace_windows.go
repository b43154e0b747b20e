package cli

import "os"

// traceFlags open a trace file for appending.
const traceFlags = os.O_WRONLY | os.O_APPEND | os.O_CREATE
