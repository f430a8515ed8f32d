package hotplex

// StreamMessage is a line of the agent, in the shape that the Go hotplex gave it: for programs that
// read such lines themselves. This package tells events instead, and lines that it does not know as
// they are.
type StreamMessage struct {
	Message      *AssistantMessage `json:"message,omitempty"`
	Input        map[string]any    `json:"input,omitempty"`
	Type         string            `json:"type"`
	Timestamp    string            `json:"timestamp,omitempty"`
	SessionID    string            `json:"session_id,omitempty"`
	Role         string            `json:"role,omitempty"`
	Name         string            `json:"name,omitempty"`
	Output       string            `json:"output,omitempty"`
	Status       string            `json:"status,omitempty"`
	Error        string            `json:"error,omitempty"`
	Content      []ContentBlock    `json:"content,omitempty"`
	Duration     int               `json:"duration_ms,omitempty"`
	Subtype      string            `json:"subtype,omitempty"`
	IsError      bool              `json:"is_error,omitempty"`
	TotalCostUSD float64           `json:"total_cost_usd,omitempty"`
	Usage        *UsageStats       `json:"usage,omitempty"`
	Result       string            `json:"result,omitempty"`
}

// UsageStats are the tokens of a result line.
type UsageStats struct {
	InputTokens           int32 `json:"input_tokens"`
	OutputTokens          int32 `json:"output_tokens"`
	CacheWriteInputTokens int32 `json:"cache_creation_input_tokens,omitempty"`
	CacheReadInputTokens  int32 `json:"cache_read_input_tokens,omitempty"`
}

// AssistantMessage is the message within a line.
type AssistantMessage struct {
	ID      string         `json:"id,omitempty"`
	Type    string         `json:"type,omitempty"`
	Role    string         `json:"role,omitempty"`
	Content []ContentBlock `json:"content,omitempty"`
}

// ContentBlock is a piece of a message.
type ContentBlock struct {
	Type      string         `json:"type"`
	Text      string         `json:"text,omitempty"`
	Name      string         `json:"name,omitempty"`
	ID        string         `json:"id,omitempty"`
	ToolUseID string         `json:"tool_use_id,omitempty"`
	Input     map[string]any `json:"input,omitempty"`
	Content   string         `json:"content,omitempty"`
	IsError   bool           `json:"is_error,omitempty"`
}

// GetContentBlocks gives the blocks of the message within, or else those of the line.
func (message *StreamMessage) GetContentBlocks() []ContentBlock {
	if message.Message != nil && len(message.Message.Content) > 0 {
		return message.Message.Content
	}
	return message.Content
}

// GetUnifiedToolID gives the call that the block is of, or that it answers.
func (block *ContentBlock) GetUnifiedToolID() string {
	if block.ToolUseID != "" {
		return block.ToolUseID
	}
	return block.ID
}
