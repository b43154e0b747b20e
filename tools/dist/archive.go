package main

import (
	"archive/tar"
	"archive/zip"
	"cmp"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// An entry is one file of an archive.
type entry struct {
	name    string
	mode    fs.FileMode
	content []byte
	link    string // for a symbolic link
}

// archiveName is an archive's name without its ending, and that of the folder
// in it.
func (r *release) archiveName(t target) string {
	return helperName + "-" + r.version + "-" + t.os + "-" + t.archive
}

// archiveFile is an archive's name.
func (r *release) archiveFile(t target) string {
	if t.os == "windows" {
		return r.archiveName(t) + ".zip"
	}
	return r.archiveName(t) + ".tar.gz"
}

// archives makes an archive for every target.
func (r *release) archives() error {
	for _, t := range r.targets {
		entries, err := r.entries(t)
		if err != nil {
			return err
		}
		pack := writeTar
		if t.os == "windows" {
			pack = writeZip
		}
		if err := r.write(r.archiveFile(t), func(w io.Writer) error { return pack(w, entries, r.time) }); err != nil {
			return err
		}
	}
	return nil
}

// entries are what is in the archive for a target. The program's second name is
// a link, and on Windows, which has none for everybody, a copy.
func (r *release) entries(t target) ([]entry, error) {
	program, err := os.ReadFile(r.binary(t))
	if err != nil {
		return nil, err
	}
	dir := r.archiveName(t) + "/"
	entries := []entry{{name: dir + helperName + t.exe(), mode: 0o755, content: program}}
	if t.os == "windows" {
		entries = append(entries, entry{name: dir + remoteName + t.exe(), mode: 0o755, content: program})
	} else {
		entries = append(entries, entry{name: dir + remoteName, mode: 0o777, link: helperName})
	}
	for _, f := range r.extras {
		if f.kind != installer || t.os != "windows" {
			entries = append(entries, entry{name: dir + f.inArchive(), mode: f.mode(), content: f.content})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return entries, nil
}

func writeTar(w io.Writer, entries []entry, mtime time.Time) error {
	gz, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(gz)
	for _, e := range entries {
		h := &tar.Header{
			Format: tar.FormatUSTAR, Typeflag: tar.TypeReg, Name: e.name, Mode: int64(e.mode),
			Size: int64(len(e.content)), ModTime: mtime, Uname: "root", Gname: "root",
		}
		if e.link != "" {
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
		}
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		if _, err := tw.Write(e.content); err != nil {
			return err
		}
	}
	if err := tw.Close(); err != nil {
		return err
	}
	return gz.Close()
}

func writeZip(w io.Writer, entries []entry, mtime time.Time) error {
	zw := zip.NewWriter(w)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: mtime}
		h.SetMode(e.mode)
		f, err := zw.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(e.content); err != nil {
			return err
		}
	}
	return zw.Close()
}
