package hotplex

import (
	"log/slog"
	"reflect"
	"testing"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// TestTextIsReadTheSameWayTwice: past its JSON, and out of it.
func TestTextIsReadTheSameWayTwice(t *testing.T) {
	const text = "a \"t_ms\":7 \\\"t_ms\\\":8\x00ß"
	const session = `s"t_ms":9`
	line := `{"type":"answer","turn":7,"tag":8,"session_id":"s\"t_ms\":9","t_ms":1532,` +
		`"text":"a \"t_ms\":7 \\\"t_ms\\\":8\u0000ß"}`
	raw := capi.Event{Turn: 7, Tag: 8, Type: capi.Answer, JSON: []byte(line), Session: session, Text: text}
	quick, err := decodeEvent(raw)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := decodeJSON(raw.JSON)
	if err != nil || !reflect.DeepEqual(quick, slow) {
		t.Errorf("%+v\n%+v, error %v", quick, slow, err)
	}
}

// TestAnEventThatCannotBeReadIsShown, and the end of a turn remains one.
func TestAnEventThatCannotBeReadIsShown(t *testing.T) {
	engine := &Engine{logger: slog.New(slog.DiscardHandler)}
	for _, kind := range []int32{capi.Answer, capi.TurnEnd} {
		event := engine.decode(capi.Event{Turn: 7, Type: kind, JSON: []byte(`{"type":3`)})
		if event.Turn != 7 || event.Text != `{"type":3` || (event.End != nil) != (kind == capi.TurnEnd) {
			t.Errorf("%+v", event)
		}
	}
}
