package hotplex

// The words that the library tells, for programs that compare them. Later versions may tell more.
var (
	// Outcomes are how turns end.
	Outcomes = []string{"completed", "failed", "cancelled", "timed_out", "crashed", "stopped"}
	// NoticeLevels are how serious a notice is.
	NoticeLevels = []string{"info", "warning"}
	// NoticeCodes are what notices are about.
	NoticeCodes = []string{
		"agent_ended",
		"api_error",
		"api_retry",
		"background_ended",
		"conversation_reset",
		"danger_flag",
		"git_not_opened",
		"hook_refused",
		"instructions_refused",
		"jail_unavailable",
		"line_too_long",
		"not_json",
		"permission_denied",
		"permission_refused",
		"permission_timed_out",
		"permission_withdrawn",
		"pipe_broken",
		"project_ignored",
		"repository_changed",
		"session_reset",
		"start_delayed",
		"state_unwritable",
		"task_notification",
		"unrequested_result",
		"untested_version",
		"work_dir_replaced",
	}
	// SessionStates are what Session.State says.
	SessionStates = []string{"dead", "starting", "ready", "busy", "awaiting_approval", "stopping", "closing"}
	// ToolGates are what Capabilities.Gate says.
	ToolGates = []string{"every_call", "asks_only", "none"}
)
