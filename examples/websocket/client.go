// A client of hotplexd: one prompt in a session. The answer goes to stdout as it comes, questions of
// the agent are put to you, Ctrl-C stops it. Protocol: docs/protocol.md.
//
//	go run . PROMPT [SESSION [WORK_DIR]]
//
// HOTPLEXD_URL is where the daemon is (http://127.0.0.1:8080), HOTPLEXD_TOKEN_FILE the file with its
// token. Exit code: 0 completed, 1 failed, 2 wrong usage, 130 stopped.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// Answers carry the number of the request that they answer.
const (
	executeNumber = iota + 1
	stopNumber
	firstAnswerNumber
)

var exitCodes = map[string]int{"completed": 0, "error": 1, "stopped": 130}

type request struct {
	Type       string `json:"type"`
	RequestID  int    `json:"request_id"`
	SessionID  string `json:"session_id"`
	Prompt     string `json:"prompt,omitempty"`
	WorkDir    string `json:"work_dir,omitempty"`
	ApprovalID string `json:"approval_id,omitempty"`
}

type frame struct {
	Event     string `json:"event"`
	RequestID int    `json:"request_id"`
	Data      struct {
		Kind       string `json:"kind"`
		Text       string `json:"text"`
		Message    string `json:"message"`
		Reason     string `json:"reason"`
		ApprovalID string `json:"approval_id"`
		Tool       struct {
			Name    string          `json:"name"`
			Input   json.RawMessage `json:"input"`
			Summary string          `json:"summary"`
		} `json:"tool"`
	} `json:"data"`
}

type client struct {
	socket  *websocket.Conn
	session string
	// How much of an answer has been written in pieces, in bytes, while it has not ended.
	streamed int
	// Questions wait here for whoever puts them, one after the other.
	questions chan frame
}

func main() {
	code, err := run(context.Background())
	if err != nil {
		note(err.Error())
	}
	os.Exit(code)
}

func run(ctx context.Context) (int, error) {
	arguments := slices.Clone(os.Args[1:])
	if len(arguments) < 1 || len(arguments) > 3 {
		return 2, errors.New("usage: client PROMPT [SESSION [WORK_DIR]]")
	}
	here, err := os.Getwd()
	if err != nil {
		return 1, err
	}
	arguments = append(arguments, []string{"example", here}[len(arguments)-1:]...)
	headers, err := authorization()
	if err != nil {
		return 1, err
	}
	url := orElse(os.Getenv("HOTPLEXD_URL"), "http://127.0.0.1:8080")
	socket, _, err := websocket.Dial(ctx, strings.TrimRight(url, "/")+"/ws/v1/agent", &websocket.DialOptions{
		HTTPHeader:   headers,
		Subprotocols: []string{"hotplex.v1"},
	})
	if err != nil {
		return 1, fmt.Errorf("no daemon at %s: %w", url, err)
	}
	defer socket.CloseNow()
	// An answer may be longer than the library takes by itself.
	socket.SetReadLimit(-1)
	it := client{socket: socket, session: arguments[1], questions: make(chan frame, 1024)}
	return it.turn(ctx, arguments[0], arguments[2])
}

func (c *client) turn(ctx context.Context, prompt, workDir string) (int, error) {
	go c.answer(ctx)
	go c.stopOnInterrupt(ctx)
	err := c.send(ctx, request{Type: "execute", RequestID: executeNumber, Prompt: prompt, WorkDir: workDir})
	for err == nil {
		var it frame
		if err = wsjson.Read(ctx, c.socket, &it); err != nil {
			break
		}
		c.show(it)
		// The one end of a turn comes after all its events.
		if code, ends := exitCodes[it.Event]; ends && it.RequestID == executeNumber {
			return code, nil
		}
	}
	return 1, fmt.Errorf("the daemon has gone: %w", err)
}

func (c *client) send(ctx context.Context, it request) error {
	it.SessionID = c.session
	return wsjson.Write(ctx, c.socket, it)
}

func (c *client) stopOnInterrupt(ctx context.Context) {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	<-interrupted
	// A second Ctrl-C does not wait.
	signal.Stop(interrupted)
	if err := c.send(ctx, request{Type: "stop", RequestID: stopNumber}); err != nil {
		note(err.Error())
	}
}

func (c *client) show(it frame) {
	data := it.Data
	switch it.Event {
	case "delta":
		if data.Kind == "answer" {
			piece := clean(data.Text)
			c.streamed += len(piece)
			fmt.Print(piece)
		}
	case "answer":
		// It repeats its pieces. Those that had not been sent yet are not sent any more.
		answer := clean(data.Text)
		fmt.Println(answer[min(c.streamed, len(answer)):])
		c.streamed = 0
	case "tool_use":
		note(fmt.Sprintf("uses %s: %s", data.Tool.Name, data.Tool.Summary))
	case "danger_block":
		note("blocked: " + data.Reason)
	case "approval_request":
		c.questions <- it
	case "error":
		note(data.Message)
	}
}

func (c *client) answer(ctx context.Context) {
	lines := bufio.NewScanner(os.Stdin)
	number := firstAnswerNumber
	for it := range c.questions {
		note(fmt.Sprintf("may it use %s %s? [y/N]", it.Data.Tool.Name, it.Data.Tool.Input))
		kind := "deny"
		if lines.Scan() && strings.TrimSpace(lines.Text()) == "y" {
			kind = "approve"
		}
		if err := c.send(ctx, request{Type: kind, RequestID: number, ApprovalID: it.Data.ApprovalID}); err != nil {
			note(err.Error())
		}
		number++
	}
}

func authorization() (http.Header, error) {
	path := os.Getenv("HOTPLEXD_TOKEN_FILE")
	if path == "" {
		state := orElse(os.Getenv("XDG_STATE_HOME"), filepath.Join(os.Getenv("HOME"), ".local", "state"))
		path = filepath.Join(state, "hotplex", "hotplexd.token")
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return nil, nil
		}
	}
	token, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return http.Header{"Authorization": {"Bearer " + strings.TrimSpace(string(token))}}, nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// clean takes out what a terminal would take for orders, or show in another order.
func clean(text string) string {
	return strings.Map(func(one rune) rune {
		if one == '\n' || one == '\t' || !unicode.In(one, unicode.Cc, unicode.Cf) {
			return one
		}
		return -1
	}, text)
}

func note(text string) {
	fmt.Fprintln(os.Stderr, clean(text))
}
