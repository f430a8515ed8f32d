package hotplex

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// The types of events. Later versions of the library may give more: programs must ignore those that
// they do not know.
const (
	EventTypeSessionStart      = "session_start"
	EventTypeThinking          = "thinking"
	EventTypeAnswer            = "answer"
	EventTypeToolUse           = "tool_use"
	EventTypeToolResult        = "tool_result"
	EventTypePermissionRequest = "permission_request"
	EventTypeDangerBlock       = "danger_block"
	EventTypeNotice            = "notice"
	EventTypeRaw               = "raw"
	EventTypeTurnEnd           = "turn_end"
	EventTypeAnswerDelta       = "answer_delta"
	EventTypeThinkingDelta     = "thinking_delta"
)

// Event is something that happened in a session. Which fields are set depends on Type. It is never
// changed after it was given out, and may be read by several goroutines.
type Event struct {
	// Type is one of the EventType constants, or a later one.
	Type string
	// Turn is the number of the turn; 0 for what an agent does by itself.
	Turn uint64
	// Tag is what Config.Tag gave the turn; 0 if nothing, and for what an agent does by itself.
	Tag uint64
	// SessionID is the caller's name of the session; empty for a spare.
	SessionID string
	// Elapsed is the time since the turn was asked for.
	Elapsed time.Duration
	// Text of an answer, a thought, a piece of either, a tool's result, a notice or a raw line.
	Text string

	// Start is set for session_start.
	Start *SessionStart
	// Tool is what is called, has been called or is asked about.
	Tool *Tool
	// Result is set for tool_result; what the tool said is in Text.
	Result *ToolResult
	// Request is set for permission_request.
	Request *PermissionRequest
	// Danger is set for danger_block.
	Danger *DangerBlockEvent
	// Notice is set for notice; its words are in Text.
	Notice *Notice
	// End is set for turn_end.
	End *TurnEnd

	// JSON is the whole event as the library told it, with what this version has no field for.
	JSON json.RawMessage
}

// SessionStart says which conversation the agent's process began or took up again.
type SessionStart struct {
	AgentSessionID string   `json:"agent_session_id"`
	Resumed        bool     `json:"resumed"`
	Model          string   `json:"model"`
	Tools          []string `json:"tools"`
	WorkDir        string   `json:"cwd"`
	PID            int      `json:"pid"`
}

// Tool is a call of a tool. A result has only ID and Name.
type Tool struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Input is a JSON object.
	Input json.RawMessage `json:"input"`
	// Summary is the call in one line, for people.
	Summary string `json:"summary"`
	// Parent is the ID of the call that started the sub-agent whose call this is, as far as the agent tells.
	Parent string `json:"parent"`
}

// ToolResult says how a tool fared.
type ToolResult struct {
	IsError  bool
	Duration time.Duration
}

// Notice says that something was not as usual.
type Notice struct {
	// Level is one of NoticeLevels.
	Level string
	// Code is fixed, for programs: one of NoticeCodes, or a later one.
	Code string
}

// TurnEnd is how a turn ended.
type TurnEnd struct {
	// Outcome is "completed", "failed", "cancelled", "timed_out", "crashed" or "stopped".
	Outcome string
	// Err is why it did not complete; nil if it did.
	Err error
	// Stats are of this turn alone.
	Stats *SessionStatsData
}

// eventJSON has the keys of all types. Those of two types that differ in kind are read twice.
type eventJSON struct {
	Type      string `json:"type"`
	Turn      uint64 `json:"turn"`
	Tag       uint64 `json:"tag"`
	SessionID string `json:"session_id"`
	Ms        int64  `json:"t_ms"`
	Text      string `json:"text"`
	Line      string `json:"line"`

	SessionStart
	Tool       *Tool  `json:"tool"`
	IsError    bool   `json:"is_error"`
	DurationMs int64  `json:"duration_ms"`
	RequestID  string `json:"request_id"`

	Operation   string   `json:"operation"`
	Reason      string   `json:"reason"`
	Rule        string   `json:"rule"`
	Level       string   `json:"level"`
	Category    string   `json:"category"`
	Suggestions []string `json:"suggestions"`
	Code        string   `json:"code"`

	Outcome string            `json:"outcome"`
	Error   *failureJSON      `json:"error"`
	Stats   *SessionStatsData `json:"stats"`
}

type failureJSON struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

// textTypes are told so often that they are not read out of their JSON.
var textTypes = map[int32]string{
	capi.Thinking:      EventTypeThinking,
	capi.Answer:        EventTypeAnswer,
	capi.AnswerDelta:   EventTypeAnswerDelta,
	capi.ThinkingDelta: EventTypeThinkingDelta,
}

func decodeEvent(raw capi.Event) (*Event, error) {
	name, isText := textTypes[raw.Type]
	elapsed, found := elapsedOf(raw.JSON)
	if !isText || !found {
		return decodeJSON(raw.JSON)
	}
	return &Event{
		Type:      name,
		Turn:      raw.Turn,
		Tag:       raw.Tag,
		SessionID: raw.Session,
		Elapsed:   elapsed,
		Text:      raw.Text,
		JSON:      raw.JSON,
	}, nil
}

// elapsedOf finds the one figure that only the JSON has. Within text its quotes would be escaped.
func elapsedOf(line []byte) (time.Duration, bool) {
	_, rest, found := bytes.Cut(line, []byte(`"t_ms":`))
	var ms int64
	digits := 0
	for ; digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9'; digits++ {
		ms = 10*ms + int64(rest[digits]-'0')
	}
	return time.Duration(ms) * time.Millisecond, found && digits > 0
}

func decodeJSON(line []byte) (*Event, error) {
	var from eventJSON
	if err := json.Unmarshal(line, &from); err != nil {
		return nil, err
	}
	event := &Event{
		Type:      from.Type,
		Turn:      from.Turn,
		Tag:       from.Tag,
		SessionID: from.SessionID,
		Elapsed:   time.Duration(from.Ms) * time.Millisecond,
		Text:      from.Text,
		Tool:      from.Tool,
		JSON:      line,
	}
	from.fill(event)
	return event, nil
}

// fill sets what the type has of its own.
func (from *eventJSON) fill(event *Event) {
	switch from.Type {
	case EventTypeRaw:
		event.Text = from.Line
	case EventTypeSessionStart:
		event.Start = &from.SessionStart
	case EventTypeToolResult:
		event.Result = &ToolResult{from.IsError, time.Duration(from.DurationMs) * time.Millisecond}
	case EventTypePermissionRequest:
		event.Request = &PermissionRequest{ID: from.RequestID, Tool: from.Tool, Reason: from.Reason}
	case EventTypeDangerBlock:
		event.Danger = from.danger()
	case EventTypeNotice:
		event.Notice = &Notice{from.Level, from.Code}
	case EventTypeTurnEnd:
		event.End = from.end()
	}
}

func (from *eventJSON) danger() *DangerBlockEvent {
	return &DangerBlockEvent{
		Operation:      from.Operation,
		Reason:         from.Reason,
		PatternMatched: from.Rule,
		Level:          dangerLevel(from.Level),
		Category:       from.Category,
		Suggestions:    from.Suggestions,
	}
}

func (from *eventJSON) end() *TurnEnd {
	end := &TurnEnd{Outcome: from.Outcome, Stats: from.Stats}
	if end.Stats == nil {
		end.Stats = &SessionStatsData{}
	}
	end.Stats.SessionID = from.SessionID
	end.Stats.fillLists()
	if from.Error != nil {
		end.Err = newError(from.Error.Kind, from.Error.Message)
	} else if from.Outcome != "completed" {
		end.Err = newError("internal", "the turn ended as "+from.Outcome)
	}
	return end
}
