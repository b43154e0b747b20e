package command

import (
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A keyEvent is an INPUT_RECORD with a KEY_EVENT_RECORD:
// https://learn.microsoft.com/en-us/windows/console/input-record-str
type keyEvent struct {
	eventType   uint16
	_           uint16
	keyDown     int32
	repeatCount uint16
	virtualKey  uint16
	scanCode    uint16
	char        uint16
	control     uint32
}

// TestPromptReadsTheConsole types a code on a console that the test allocates if
// it has none.
func TestPromptReadsTheConsole(t *testing.T) {
	kernel32 := windows.NewLazySystemDLL("kernel32.dll")
	if ok, _, _ := kernel32.NewProc("AllocConsole").Call(); ok != 0 {
		defer func() { _, _, _ = kernel32.NewProc("FreeConsole").Call() }()
	}
	in, out, err := openTerminal()
	if err != nil {
		t.Skip("no console here:", err)
	}
	defer in.Close()
	defer out.Close()
	var keys []keyEvent
	for _, char := range "123456\r" {
		for _, down := range []int32{1, 0} {
			keys = append(keys, keyEvent{eventType: 1, keyDown: down, repeatCount: 1, virtualKey: uint16(char), char: uint16(char)})
		}
	}
	var written uint32
	ok, _, err := kernel32.NewProc("WriteConsoleInputW").Call(in.Fd(), uintptr(unsafe.Pointer(&keys[0])), uintptr(len(keys)), uintptr(unsafe.Pointer(&written)))
	if ok == 0 {
		t.Skip("cannot type on this console:", err)
	}
	var before uint32
	if err := windows.GetConsoleMode(windows.Handle(in.Fd()), &before); err != nil {
		t.Fatal(err)
	}

	type answer struct {
		code string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		code, err := askTerminal(t.Context(), "MFA code: ", func() error { return nil })
		answered <- answer{code, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil || a.code != "123456" {
			t.Errorf("got %q, %v", a.code, a.err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no answer")
	}
	var after uint32
	if err := windows.GetConsoleMode(windows.Handle(in.Fd()), &after); err != nil || before != after {
		t.Errorf("console mode %#x became %#x, %v", before, after, err)
	}
}
