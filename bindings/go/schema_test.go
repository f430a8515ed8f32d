package hotplex

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// readSchema reads what all languages are held against.
func readSchema[T any](t *testing.T, name string) (into T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "schema", name))
	if err == nil {
		err = json.Unmarshal(text, &into)
	}
	if err != nil {
		t.Fatal(name, err)
	}
	return into
}

// decodeStrictly fails at a key that the type has no field for.
func decodeStrictly(t *testing.T, name string, example json.RawMessage, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(example))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Errorf("%s: %v: %s", name, err, example)
	}
}

// leaves are the scalars of an example: no two of them are alike.
func leaves(value any) []string {
	switch value := value.(type) {
	case map[string]any:
		return slices.Concat(slices.Collect(maps.Values(mapped(value)))...)
	case []any:
		var all []string
		for _, part := range value {
			all = append(all, leaves(part)...)
		}
		return all
	case string, json.Number:
		return []string{fmt.Sprint(value)}
	}
	return nil
}

func mapped(value map[string]any) map[string][]string {
	all := map[string][]string{}
	for key, part := range value {
		all[key] = leaves(part)
	}
	return all
}

// assertNothingIsLost looks for every scalar of the example in what was read of it.
func assertNothingIsLost(t *testing.T, example json.RawMessage, read any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(example))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	seen := shown(read)
	for _, leaf := range leaves(value) {
		if leaf != "" && leaf != "0.0" && !strings.Contains(seen, leaf) {
			t.Errorf("%q of %s is lost: %s", leaf, example, seen)
		}
	}
}

// shown writes what was read with its durations and dates as the library tells them.
func shown(read any) string {
	switch read := read.(type) {
	case *Event:
		parts := []any{read.Type, read.Turn, read.Tag, read.SessionID, read.Elapsed.Milliseconds(), read.Text}
		if read.Result != nil {
			parts = append(parts, read.Result.IsError, read.Result.Duration.Milliseconds())
		}
		if read.Tool != nil {
			parts = append(parts, read.Tool.ID, read.Tool.Name, string(read.Tool.Input), read.Tool.Summary, read.Tool.Parent)
		}
		if read.Start != nil {
			parts = append(parts, *read.Start)
		}
		if read.Request != nil {
			parts = append(parts, read.Request.ID, read.Request.Reason)
		}
		if read.Danger != nil {
			parts = append(parts, *read.Danger, read.Danger.Level.String())
		}
		if read.Notice != nil {
			parts = append(parts, *read.Notice)
		}
		if read.End != nil {
			parts = append(parts, read.End.Outcome, *read.End.Stats, fmt.Sprintf("%#v", read.End.Err))
		}
		return fmt.Sprint(parts...)
	case *Session:
		dates := fmt.Sprint(read.CreatedAt.UnixMilli(), read.LastActive.UnixMilli())
		return fmt.Sprintf("%+v %s", *read, dates)
	}
	return fmt.Sprintf("%+v", read)
}

func TestEveryEventOfTheSchemaIsReadWhole(t *testing.T) {
	for _, example := range readSchema[[]json.RawMessage](t, "events.json") {
		decodeStrictly(t, "events.json", example, &eventJSON{})
		event, err := decodeJSON(example)
		if err != nil {
			t.Fatal(err)
		}
		assertNothingIsLost(t, example, event)
	}
}

func TestEveryFigureOfTheSchemaIsReadWhole(t *testing.T) {
	for _, example := range readSchema[[]json.RawMessage](t, "sessions.json") {
		var session sessionJSON
		decodeStrictly(t, "sessions.json", example, &session)
		assertNothingIsLost(t, example, session.session())
	}
	for _, example := range readSchema[[]json.RawMessage](t, "session_stats.json") {
		decodeStrictly(t, "session_stats.json", example, &SessionTotals{})
	}
	for _, example := range readSchema[[]json.RawMessage](t, "engine_stats.json") {
		decodeStrictly(t, "engine_stats.json", example, &EngineStats{})
	}
	for _, example := range readSchema[[]json.RawMessage](t, "providers.json") {
		provider := &Provider{}
		decodeStrictly(t, "providers.json", example, provider)
		assertNothingIsLost(t, example, provider)
	}
	for _, example := range readSchema[[]json.RawMessage](t, "verdicts.json") {
		decodeStrictly(t, "verdicts.json", example, &verdictJSON{})
	}
}

var eventTypes = []string{
	EventTypeSessionStart,
	EventTypeThinking,
	EventTypeAnswer,
	EventTypeThinkingDelta,
	EventTypeAnswerDelta,
	EventTypeToolUse,
	EventTypeToolResult,
	EventTypePermissionRequest,
	EventTypeDangerBlock,
	EventTypeNotice,
	EventTypeRaw,
	EventTypeTurnEnd,
}

func TestTheWordsAreThoseOfTheSchema(t *testing.T) {
	words := readSchema[map[string][]string](t, "words.json")
	levels := slices.Clone(levelNames)
	slices.Reverse(levels)
	known := map[string][]string{
		"outcomes":       Outcomes,
		"notice_levels":  NoticeLevels,
		"notice_codes":   NoticeCodes,
		"session_states": SessionStates,
		"danger_levels":  levels,
		"tool_gates":     ToolGates,
		"event_types":    eventTypes,
	}
	for name, own := range known {
		if !slices.Equal(own, words[name]) {
			t.Errorf("%s: %q here, %q there", name, own, words[name])
		}
	}
	for _, kind := range words["error_kinds"] {
		if _, known := kinds[kind]; !known && kind != "internal" {
			t.Errorf("no error for %s", kind)
		}
	}
}

func TestTheNumbersAreThoseOfTheSchema(t *testing.T) {
	abi := readSchema[struct {
		Version  uint32                 `json:"abi_version"`
		Statuses map[string]capi.Status `json:"statuses"`
		Types    map[string]int32       `json:"event_types"`
	}](t, "abi.json")
	if abi.Version != capi.HeaderABI {
		t.Errorf("interface %d here, %d there", capi.HeaderABI, abi.Version)
	}
	for name, status := range abi.Statuses {
		// Neither of the two is ever told by a function that is used here.
		if _, known := words[status]; !known && status < 0 && name != "buffer_too_small" && name != "internal" {
			t.Errorf("no word for status %s", name)
		}
	}
	for number, name := range textTypes {
		if abi.Types[name] != number {
			t.Errorf("%s is %d here, %d there", name, number, abi.Types[name])
		}
	}
}

// fill gives every field a value that is not its zero one.
func fill(value reflect.Value) {
	switch value.Kind() {
	case reflect.String:
		value.SetString("x")
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Int, reflect.Int64:
		value.SetInt(int64(time.Second))
	case reflect.Uint64:
		value.SetUint(7)
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
	case reflect.Struct:
		for i := range value.NumField() {
			fill(value.Field(i))
		}
	}
}

func TestEveryOptionOfTheSchemaCanBeSet(t *testing.T) {
	type row struct {
		Name    string
		Aliases []string
	}
	rows := readSchema[map[string][]row](t, "options.json")
	var options EngineOptions
	fill(reflect.ValueOf(&options).Elem())
	options.Extra = nil
	guard := options.Guard
	guard.Disabled = true
	engine, err := options.json()
	if err != nil {
		t.Fatal(err)
	}
	var config Config
	fill(reflect.ValueOf(&config).Elem())
	turn, err := config.json()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := guard.object().bytes()
	if err != nil {
		t.Fatal(err)
	}
	for part, text := range map[string][]byte{"engine": engine, "guard": whole, "turn": turn} {
		var set map[string]any
		if err := json.Unmarshal(text, &set); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[part] {
			for _, name := range append(row.Aliases, row.Name) {
				if _, can := set[name]; !can {
					t.Errorf("%s: %s cannot be set", part, name)
				}
				delete(set, name)
			}
		}
		for name := range set {
			t.Errorf("%s: %s is no option of the library", part, name)
		}
	}
}
