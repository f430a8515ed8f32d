package hotplex

import (
	"encoding/json"
	"time"
)

// SessionStatus is what a session does, as far as the Go hotplex told it.
type SessionStatus string

const (
	SessionStatusStarting SessionStatus = "starting"
	SessionStatusReady    SessionStatus = "ready"
	SessionStatusBusy     SessionStatus = "busy"
	SessionStatusDead     SessionStatus = "dead"
)

// Session is a session, or a spare, as the pool holds it now.
type Session struct {
	// ID is the caller's name; empty for a spare.
	ID string
	// CCSessionID is the agent's own name of the conversation.
	CCSessionID string
	// Config has the work directory and the name.
	Config     Config
	CreatedAt  time.Time
	LastActive time.Time
	Status     SessionStatus

	// State is the status in full: also "awaiting_approval", "stopping", ...
	State string
	// Provider is which agent it is.
	Provider string
	// PID is the agent's process, which leads its group; 0 if there is none.
	PID int
	// Turns is how many have begun, and Queued how many wait.
	Turns, Queued int
	// ResidentBytes is the memory of the agent's process, BufferedBytes that of unread events.
	ResidentBytes, BufferedBytes int64
	// Spare has no session yet.
	Spare bool
	// ProcessGroup is the group of the agent and of what it starts; 0 if there is none.
	ProcessGroup int
	// Jail is the jail of the agent, and in brackets what the kernel enforces of it; "off" without
	// one.
	Jail string
	// GitDirs is where the jail lets the agent write of what git keeps outside of the work directory.
	GitDirs []string
	// BackgroundTasks are what the agent runs beside the turns. A session with such tasks is not idle.
	BackgroundTasks []BackgroundTask
}

// BackgroundTask is something that an agent runs in the background, while turns come and go.
type BackgroundTask struct {
	// ID is the agent's name of the task.
	ID string `json:"id"`
	// Kind and Description are the agent's words for it; empty if it has none.
	Kind        string `json:"kind"`
	Description string `json:"description"`
}

type sessionJSON struct {
	SessionID      string `json:"session_id"`
	AgentSessionID string `json:"agent_session_id"`
	Provider       string `json:"provider"`
	State          string `json:"state"`
	PID            int    `json:"pid"`
	WorkDir        string `json:"work_dir"`
	CreatedMs      int64  `json:"created_ms"`
	LastActiveMs   int64  `json:"last_active_ms"`
	Turns          int    `json:"turns"`
	Queued         int    `json:"queued"`
	RSSBytes       int64  `json:"rss_bytes"`
	BufferedBytes  int64  `json:"buffered_bytes"`
	Spare          bool   `json:"spare"`
	ProcessGroup   int    `json:"pgid"`
	Jail           string `json:"jail"`
	// Where the jail lets its agent write of what git keeps outside of the work directory.
	GitDirs []string `json:"git_dirs"`

	BackgroundTasks []BackgroundTask `json:"background_tasks"`
}

// Sessions gives what the pool holds now, spares too.
func (e *Engine) Sessions() ([]*Session, error) {
	text, err := e.core.handle.Sessions()
	if err != nil {
		return nil, e.core.check(err)
	}
	var list []sessionJSON
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, newError("internal", err.Error())
	}
	sessions := make([]*Session, len(list))
	for i := range list {
		sessions[i] = list[i].session()
	}
	return sessions, nil
}

func (from *sessionJSON) session() *Session {
	return &Session{
		ID:            from.SessionID,
		CCSessionID:   from.AgentSessionID,
		Config:        Config{SessionID: from.SessionID, WorkDir: from.WorkDir},
		CreatedAt:     time.UnixMilli(from.CreatedMs),
		LastActive:    time.UnixMilli(from.LastActiveMs),
		Status:        status(from.State),
		State:         from.State,
		Provider:      from.Provider,
		PID:           from.PID,
		Turns:         from.Turns,
		Queued:        from.Queued,
		ResidentBytes: from.RSSBytes,
		BufferedBytes: from.BufferedBytes,
		Spare:         from.Spare,
		ProcessGroup:  from.ProcessGroup,
		Jail:          from.Jail,

		GitDirs:         from.GitDirs,
		BackgroundTasks: from.BackgroundTasks,
	}
}

// status puts a state into the four words of the Go hotplex. One that is new is busy: there is a
// process, and it is not free.
func status(state string) SessionStatus {
	switch state {
	case "starting", "ready", "dead":
		return SessionStatus(state)
	case "stopping", "closing":
		return SessionStatusDead
	}
	return SessionStatusBusy
}

// GetStatus is the status at the time of the list.
func (s *Session) GetStatus() SessionStatus { return s.Status }

// IsAlive says whether there was a process at the time of the list.
func (s *Session) IsAlive() bool { return s.Status != SessionStatusDead }
