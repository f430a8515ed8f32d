package hotplex

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"strings"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// LogLibrary has libhotplex tell a logger what it logs itself, of all engines of the process, from
// this level on; levels below slog.LevelDebug include its trace. It replaces the logger given
// earlier; nil ends it.
func LogLibrary(logger *slog.Logger, level slog.Level) error {
	if logger == nil {
		return fromLibrary(capi.LogTo(-1, "off"))
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	// The library keeps a copy; when that goes, the reader comes to its end.
	defer writer.Close()
	if err := capi.LogTo(int(writer.Fd()), libraryLevel(level)); err != nil {
		_ = reader.Close()
		return fromLibrary(err)
	}
	go forward(reader, logger)
	return nil
}

func libraryLevel(level slog.Level) string {
	switch {
	case level < slog.LevelDebug:
		return "trace"
	case level < slog.LevelInfo:
		return "debug"
	case level < slog.LevelWarn:
		return "info"
	case level < slog.LevelError:
		return "warn"
	}
	return "error"
}

var logLevels = map[string]slog.Level{
	"TRACE": slog.LevelDebug - 4,
	"DEBUG": slog.LevelDebug,
	"INFO":  slog.LevelInfo,
	"WARN":  slog.LevelWarn,
	"ERROR": slog.LevelError,
}

// forward reads to the end, whatever the logger does: a full pipe would hold up the library.
func forward(from *os.File, logger *slog.Logger) {
	defer from.Close()
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			level, text := logLine(line)
			logger.Log(context.Background(), level, text)
		}
		if err != nil {
			return
		}
	}
}

// logLine parts "hotplex WARN text".
func logLine(line string) (slog.Level, string) {
	parts := strings.SplitN(line, " ", 3)
	if len(parts) == 3 {
		if level, known := logLevels[parts[1]]; known {
			return level, parts[0] + ": " + parts[2]
		}
	}
	return slog.LevelInfo, line
}
