package hotplex

import (
	"encoding/json"
	"unicode/utf8"
)

// EventMeta is what the Go hotplex tells beside an event. All fields are in its JSON always.
type EventMeta struct {
	DurationMs       int64  `json:"duration_ms"`
	TotalDurationMs  int64  `json:"total_duration_ms"`
	ToolName         string `json:"tool_name"`
	ToolID           string `json:"tool_id"`
	Status           string `json:"status"` // "running", "success" or "error"
	ErrorMsg         string `json:"error_msg"`
	InputTokens      int32  `json:"input_tokens"`
	OutputTokens     int32  `json:"output_tokens"`
	CacheWriteTokens int32  `json:"cache_write_tokens"`
	CacheReadTokens  int32  `json:"cache_read_tokens"`
	InputSummary     string `json:"input_summary"`
	OutputSummary    string `json:"output_summary"`
	FilePath         string `json:"file_path"`
	LineCount        int32  `json:"line_count"`
	Progress         int32  `json:"progress"`
	TotalSteps       int32  `json:"total_steps"`
	CurrentStep      int32  `json:"current_step"`
}

// EventWithMeta is an event as the Go hotplex tells it.
type EventWithMeta struct {
	EventType string
	EventData string
	// Meta is never nil in what this package gives.
	Meta *EventMeta

	event *Event
}

// Event is the typed event behind it; nil if it was not the library that told it.
func (told *EventWithMeta) Event() *Event { return told.event }

// NewEventWithMeta makes one. Without meta it gets an empty one.
func NewEventWithMeta(eventType, eventData string, meta *EventMeta) *EventWithMeta {
	if meta == nil {
		meta = &EventMeta{}
	}
	return &EventWithMeta{EventType: eventType, EventData: eventData, Meta: meta}
}

// longestOutput is how many characters of a tool's output the Go hotplex shows.
const longestOutput = 500

// withMeta puts an event into the words of the Go hotplex.
func withMeta(event *Event) *EventWithMeta {
	meta := &EventMeta{TotalDurationMs: event.Elapsed.Milliseconds()}
	told := NewEventWithMeta(event.Type, event.Text, meta)
	told.event = event
	if event.Tool != nil {
		meta.ToolName, meta.ToolID = event.Tool.Name, event.Tool.ID
		meta.InputSummary, meta.FilePath = event.Tool.Summary, filePath(event.Tool.Input)
	}
	switch event.Type {
	case EventTypeThinking:
		meta.Status = "running"
	case EventTypeToolUse, EventTypePermissionRequest:
		meta.Status, told.EventData = "running", event.Tool.Name
	case EventTypeToolResult:
		meta.fillResult(event)
	}
	return told
}

func (meta *EventMeta) fillResult(event *Event) {
	meta.Status = "success"
	meta.DurationMs = event.Result.Duration.Milliseconds()
	meta.OutputSummary = TruncateString(event.Text, longestOutput)
	if event.Result.IsError {
		meta.Status, meta.ErrorMsg = "error", meta.OutputSummary
	}
}

// filePath is the file that a tool names, as the tools of Claude Code do.
func filePath(input json.RawMessage) string {
	var named struct {
		FilePath     string `json:"file_path"`
		NotebookPath string `json:"notebook_path"`
	}
	if json.Unmarshal(input, &named) != nil || named.FilePath == "" {
		return named.NotebookPath
	}
	return named.FilePath
}

// TruncateString cuts text after so many characters, and says so by "...".
func TruncateString(text string, longest int) string {
	if longest < 0 || utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest]) + "..."
}

// SummarizeInput is the input of a tool in one line.
func SummarizeInput(input map[string]any) string {
	for _, key := range []string{"command", "query"} {
		if text, is := input[key].(string); is && text != "" {
			return TruncateString(text, 50)
		}
	}
	for _, key := range []string{"file_path", "path"} {
		if path, is := input[key].(string); is && path != "" {
			return "file: " + path
		}
	}
	if len(input) == 0 {
		return ""
	}
	text, _ := json.Marshal(input)
	return TruncateString(string(text), 100)
}
