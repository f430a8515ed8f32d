package hotplex

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"
)

// SessionStatsData are the figures of one turn.
type SessionStatsData struct {
	SessionID            string   `json:"session_id"`
	StartTime            int64    `json:"start_time"` // seconds since 1970
	EndTime              int64    `json:"end_time"`
	TotalDurationMs      int64    `json:"total_duration_ms"`
	ThinkingDurationMs   int64    `json:"thinking_duration_ms"`
	ToolDurationMs       int64    `json:"tool_duration_ms"`
	GenerationDurationMs int64    `json:"generation_duration_ms"`
	InputTokens          int32    `json:"input_tokens"`
	OutputTokens         int32    `json:"output_tokens"`
	CacheWriteTokens     int32    `json:"cache_write_tokens"`
	CacheReadTokens      int32    `json:"cache_read_tokens"`
	TotalTokens          int32    `json:"total_tokens"`
	ToolCallCount        int32    `json:"tool_call_count"`
	ToolsUsed            []string `json:"tools_used"`
	FilesModified        int32    `json:"files_modified"`
	FilePaths            []string `json:"file_paths"`
	TotalCostUSD         float64  `json:"total_cost_usd"`
	ModelUsed            string   `json:"model_used"`
	IsError              bool     `json:"is_error"`
	ErrorMessage         string   `json:"error_message,omitempty"`
}

// fillLists keeps JSON from saying null where the Go hotplex said [].
func (data *SessionStatsData) fillLists() {
	if data.ToolsUsed == nil {
		data.ToolsUsed = []string{}
	}
	if data.FilePaths == nil {
		data.FilePaths = []string{}
	}
}

// lastStats are those of the turn that ended last.
type lastStats struct {
	mutex sync.Mutex
	data  *SessionStatsData
}

func (last *lastStats) set(data *SessionStatsData) {
	last.mutex.Lock()
	defer last.mutex.Unlock()
	last.data = data
}

func (last *lastStats) get() *SessionStatsData {
	last.mutex.Lock()
	defer last.mutex.Unlock()
	return last.data
}

// GetSessionStats gives the figures of the turn that ended last, of whatever session; empty ones
// before the first has ended. SessionTotals gives those of a session.
func (e *Engine) GetSessionStats() *SessionStats {
	data := e.last.get()
	if data == nil {
		return &SessionStats{ToolsUsed: map[string]bool{}}
	}
	stats := &SessionStats{
		SessionID:            data.SessionID,
		StartTime:            time.Unix(data.StartTime, 0),
		TotalDurationMs:      data.TotalDurationMs,
		ThinkingDurationMs:   data.ThinkingDurationMs,
		ToolDurationMs:       data.ToolDurationMs,
		GenerationDurationMs: data.GenerationDurationMs,
		InputTokens:          data.InputTokens,
		OutputTokens:         data.OutputTokens,
		CacheWriteTokens:     data.CacheWriteTokens,
		CacheReadTokens:      data.CacheReadTokens,
		ToolCallCount:        data.ToolCallCount,
		FilesModified:        data.FilesModified,
		FilePaths:            slices.Clone(data.FilePaths),
		ToolsUsed:            map[string]bool{},
	}
	for _, tool := range data.ToolsUsed {
		stats.ToolsUsed[tool] = true
	}
	return stats
}

// SessionStats are figures that can be collected. This package fills them from what the library
// measured; the methods are there for programs that collect their own.
type SessionStats struct {
	mutex                sync.Mutex
	SessionID            string
	StartTime            time.Time
	TotalDurationMs      int64
	ThinkingDurationMs   int64
	ToolDurationMs       int64
	GenerationDurationMs int64
	InputTokens          int32
	OutputTokens         int32
	CacheWriteTokens     int32
	CacheReadTokens      int32
	ToolCallCount        int32
	ToolsUsed            map[string]bool
	FilesModified        int32
	FilePaths            []string

	tool                            string
	toolSince, thinking, generation time.Time
}

// RecordToolUse notes that a tool begins.
func (s *SessionStats) RecordToolUse(toolName, _ string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.tool, s.toolSince = toolName, time.Now()
}

// RecordToolResult notes that the tool has ended, and gives how long it took.
func (s *SessionStats) RecordToolResult() (durationMs int64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.toolSince.IsZero() {
		return 0
	}
	durationMs = stop(&s.toolSince, &s.ToolDurationMs)
	s.ToolCallCount++
	if s.ToolsUsed == nil {
		s.ToolsUsed = map[string]bool{}
	}
	if s.tool != "" {
		s.ToolsUsed[s.tool] = true
	}
	return durationMs
}

// RecordTokens adds to the counts.
func (s *SessionStats) RecordTokens(input, output, cacheWrite, cacheRead int32) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.InputTokens += input
	s.OutputTokens += output
	s.CacheWriteTokens += cacheWrite
	s.CacheReadTokens += cacheRead
}

// StartThinking begins to count, unless it is being counted already.
func (s *SessionStats) StartThinking() { s.start(&s.thinking) }

// EndThinking adds what it took.
func (s *SessionStats) EndThinking() { s.end(&s.thinking, &s.ThinkingDurationMs) }

// StartGeneration begins to count, unless it is being counted already.
func (s *SessionStats) StartGeneration() { s.start(&s.generation) }

// EndGeneration adds what it took.
func (s *SessionStats) EndGeneration() { s.end(&s.generation, &s.GenerationDurationMs) }

func (s *SessionStats) start(since *time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if since.IsZero() {
		*since = time.Now()
	}
}

func (s *SessionStats) end(since *time.Time, sum *int64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	stop(since, sum)
}

// stop adds what has passed, if it was being counted.
func stop(since *time.Time, sum *int64) int64 {
	if since.IsZero() {
		return 0
	}
	took := time.Since(*since).Milliseconds()
	*sum += took
	*since = time.Time{}
	return took
}

// RecordFileModification counts a file once.
func (s *SessionStats) RecordFileModification(path string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if path != "" && !slices.Contains(s.FilePaths, path) {
		s.FilePaths = append(s.FilePaths, path)
		s.FilesModified++
	}
}

// ToSummary gives the figures for JSON, under the names of the Go hotplex.
func (s *SessionStats) ToSummary() map[string]any {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return map[string]any{
		"session_id":               s.SessionID,
		"total_duration_ms":        s.TotalDurationMs,
		"thinking_duration_ms":     s.ThinkingDurationMs,
		"tool_duration_ms":         s.ToolDurationMs,
		"generation_duration_ms":   s.GenerationDurationMs,
		"total_input_tokens":       s.InputTokens,
		"total_output_tokens":      s.OutputTokens,
		"total_cache_write_tokens": s.CacheWriteTokens,
		"total_cache_read_tokens":  s.CacheReadTokens,
		"tool_call_count":          s.ToolCallCount,
		"tools_used":               slices.Sorted(maps.Keys(s.ToolsUsed)),
		"files_modified":           s.FilesModified,
		"file_paths":               slices.Clone(s.FilePaths),
		"status":                   "success",
	}
}

// FinalizeDuration gives a copy with what is still being counted added.
func (s *SessionStats) FinalizeDuration() *SessionStats {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	done := &SessionStats{
		SessionID:            s.SessionID,
		StartTime:            s.StartTime,
		TotalDurationMs:      s.TotalDurationMs,
		ThinkingDurationMs:   s.ThinkingDurationMs,
		ToolDurationMs:       s.ToolDurationMs,
		GenerationDurationMs: s.GenerationDurationMs,
		InputTokens:          s.InputTokens,
		OutputTokens:         s.OutputTokens,
		CacheWriteTokens:     s.CacheWriteTokens,
		CacheReadTokens:      s.CacheReadTokens,
		ToolCallCount:        s.ToolCallCount,
		ToolsUsed:            maps.Clone(s.ToolsUsed),
		FilesModified:        s.FilesModified,
		FilePaths:            slices.Clone(s.FilePaths),
	}
	thinking, generation := s.thinking, s.generation
	stop(&thinking, &done.ThinkingDurationMs)
	stop(&generation, &done.GenerationDurationMs)
	return done
}

// SessionTotals are the figures of a session since it came into the pool.
type SessionTotals struct {
	SessionID        string            `json:"session_id"`
	Turns            int64             `json:"turns"`
	TurnsCompleted   int64             `json:"turns_completed"`
	TotalDurationMs  int64             `json:"total_duration_ms"`
	InputTokens      int64             `json:"input_tokens"`
	OutputTokens     int64             `json:"output_tokens"`
	CacheWriteTokens int64             `json:"cache_write_tokens"`
	CacheReadTokens  int64             `json:"cache_read_tokens"`
	TotalTokens      int64             `json:"total_tokens"`
	ToolCallCount    int64             `json:"tool_call_count"`
	TotalCostUSD     float64           `json:"total_cost_usd"`
	LastTurn         *SessionStatsData `json:"last_turn"`
}

// SessionTotals gives the figures of a session; ErrSessionNotFound if the pool does not hold it.
func (e *Engine) SessionTotals(sessionID string) (*SessionTotals, error) {
	if sessionID == "" {
		return nil, newError("invalid_argument", "SessionID is required")
	}
	totals := &SessionTotals{}
	return totals, e.readStats(sessionID, totals)
}

// EngineStats are what an engine has done since it opened, and holds now.
type EngineStats struct {
	LiveProcesses        int64 `json:"live_processes"`
	Sessions             int64 `json:"sessions"`
	ReadySpares          int64 `json:"ready_spares"`
	Spawned              int64 `json:"spawned"`
	TurnsCompleted       int64 `json:"turns_completed"`
	TurnsNotCompleted    int64 `json:"turns_not_completed"`
	SpareHits            int64 `json:"spare_hits"`
	SpareMisses          int64 `json:"spare_misses"`
	Hibernated           int64 `json:"hibernated"`
	LostBackgroundEvents int64 `json:"lost_background_events"`
}

// Stats gives the figures of the engine.
func (e *Engine) Stats() (*EngineStats, error) {
	stats := &EngineStats{}
	return stats, e.readStats("", stats)
}

func (e *Engine) readStats(sessionID string, into any) error {
	text, err := e.core.handle.Stats(sessionID)
	if err != nil {
		return e.core.check(err)
	}
	return json.Unmarshal(text, into)
}
