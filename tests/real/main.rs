//! The real program: Claude Code itself, two releases of it, against a model server of our own.
//!
//! Every scenario runs for both releases, each time in a network namespace with the loopback
//! interface alone, so nothing that an agent does can reach anybody, and in a process namespace
//! of its own. [`install`] gets the releases from npm, once; [`isolation`] plays a scenario by
//! running this very program again inside; [`site`] is what a scenario finds there.
//!
//! Where npm or namespaces cannot be had a scenario says so and is skipped; with `CI=true` that
//! is a failure.

mod acp;
mod aider;
mod background;
mod codex;
mod codex_acp;
mod codex_gate;
#[path = "../common/mod.rs"]
mod common;
mod dangers;
mod failures;
mod figures;
mod gemini;
mod hostile;
mod install;
mod interruption;
mod isolation;
mod jail;
mod model_server;
mod opencode;
mod other_languages;
mod process_limit;
mod repository;
mod resumption;
mod site;
mod talk;
mod tools;

/// Makes each scenario a test for a release, in a module of its name; a reason leaves them to be asked for.
macro_rules! scenarios {
    ($module:ident, $release:ident; $($scenarios:tt)*) => {
        scenarios! { @all [], $module, $release; $($scenarios)* }
    };
    ($module:ident, $release:ident, ignored = $reason:literal; $($scenarios:tt)*) => {
        scenarios! { @all [#[ignore = $reason]], $module, $release; $($scenarios)* }
    };
    (@all $ignored:tt, $module:ident, $release:ident; $($room:ident::$scenario:ident,)*) => {
        mod $module {
            $(scenarios! { @one $ignored, $module, $release, $room::$scenario })*
        }
    };
    (@one [$($ignored:tt)*], $module:ident, $release:ident, $room:ident::$scenario:ident) => {
        #[test]
        $($ignored)*
        fn $scenario() {
            let name = concat!(stringify!($module), "::", stringify!($scenario));
            let scenario = crate::$room::$scenario;
            crate::isolation::play(&crate::install::$release, name, scenario);
        }
    };
}

scenarios! {
    native, NATIVE;
    talk::a_turn_tells_who_answered_and_what_it_took,
    talk::twenty_hot_turns_run_in_one_process,
    talk::deltas_come_before_the_answer_they_make_up,
    talk::thinking_and_the_task_prompt_reach_their_ends,
    talk::two_sessions_at_once_keep_to_themselves,
    talk::a_system_prompt_too_long_for_an_argument_reaches_the_agent,
    tools::an_approved_tool_runs_with_the_input_the_caller_gave,
    tools::a_denied_tool_does_not_run,
    tools::a_session_that_bypasses_permissions_never_asks,
    tools::closing_the_engine_ends_the_tools_that_run,
    interruption::an_answer_is_interrupted_and_the_next_turn_is_clean,
    interruption::a_tool_is_interrupted_and_the_next_turn_is_clean,
    interruption::an_open_question_is_withdrawn_by_a_cancel,
    resumption::a_killed_agent_takes_the_conversation_up_again,
    resumption::another_engine_takes_the_conversation_up_again,
    resumption::a_lost_record_is_no_loss,
    resumption::a_directory_made_anew_keeps_the_conversation,
    resumption::a_lost_conversation_costs_itself_and_a_notice,
    resumption::a_damaged_conversation_is_told,
    failures::errors_of_the_model_fail_the_turn_and_not_the_session,
    dangers::the_guard_stops_in_every_mode_what_destroys,
    dangers::a_list_of_tools_holds_in_every_mode,
    dangers::the_guard_sees_what_a_sub_agent_does,
    dangers::ordinary_work_goes_through,
    dangers::the_jail_stops_what_gets_past_the_guard,
    dangers::a_daemon_ends_with_its_agent,
    jail::it_holds_the_tools_and_the_work_goes_on,
    jail::a_conversation_goes_on_in_it,
    hostile::none_wins_in_a_sample_of_settings,
    repository::nothing_beside_its_instructions_is_taken,
    repository::nothing_of_its_own_kinds_is_taken,
    repository::git_runs_nothing_at_the_start,
    repository::git_runs_nothing_of_a_planted_directory,
    repository::git_runs_nothing_of_a_submodule,
    repository::git_fetches_nothing_that_is_missing,
    repository::git_tells_nothing_of_others,
    repository::odd_files_keep_nobody_waiting,
    repository::filters_of_a_repository_work_for_tools,
    hostile::a_trusted_project_replaces_no_call_unjudged,
    hostile::what_a_trusted_project_put_in_place_of_a_call_is_told,
}

// The release before it speaks an older protocol: what depends on that. All else is its successor's too.
scenarios! {
    javascript, JAVASCRIPT;
    talk::a_turn_tells_who_answered_and_what_it_took,
    talk::twenty_hot_turns_run_in_one_process,
    talk::deltas_come_before_the_answer_they_make_up,
    talk::two_sessions_at_once_keep_to_themselves,
    talk::a_system_prompt_too_long_for_an_argument_reaches_the_agent,
    tools::an_approved_tool_runs_with_the_input_the_caller_gave,
    tools::a_denied_tool_does_not_run,
    tools::closing_the_engine_ends_the_tools_that_run,
    interruption::an_answer_is_interrupted_and_the_next_turn_is_clean,
    interruption::a_tool_is_interrupted_and_the_next_turn_is_clean,
    interruption::an_open_question_is_withdrawn_by_a_cancel,
    resumption::a_killed_agent_takes_the_conversation_up_again,
    resumption::a_lost_record_is_no_loss,
    resumption::a_lost_conversation_costs_itself_and_a_notice,
    resumption::a_damaged_conversation_is_told,
    failures::errors_of_the_model_fail_the_turn_and_not_the_session,
    dangers::the_guard_stops_in_every_mode_what_destroys,
    dangers::the_guard_sees_what_a_sub_agent_does,
    dangers::a_list_of_tools_holds_in_every_mode,
    dangers::the_jail_stops_what_gets_past_the_guard,
    hostile::none_wins_in_a_sample_of_settings,
    hostile::a_trusted_project_replaces_no_call_unjudged,
    hostile::what_a_trusted_project_put_in_place_of_a_call_is_told,
    repository::nothing_beside_its_instructions_is_taken,
    repository::nothing_of_its_own_kinds_is_taken,
    repository::git_runs_nothing_at_the_start,
}

// The rest of the older releases, for the whole.
scenarios! {
    javascript_whole, JAVASCRIPT, ignored = "takes minutes: `make test-hostile`";
    talk::thinking_and_the_task_prompt_reach_their_ends,
    tools::a_session_that_bypasses_permissions_never_asks,
    resumption::another_engine_takes_the_conversation_up_again,
    resumption::a_directory_made_anew_keeps_the_conversation,
    dangers::ordinary_work_goes_through,
    dangers::a_daemon_ends_with_its_agent,
    jail::it_holds_the_tools_and_the_work_goes_on,
    jail::a_conversation_goes_on_in_it,
    repository::git_runs_nothing_of_a_planted_directory,
    repository::git_runs_nothing_of_a_submodule,
    repository::git_fetches_nothing_that_is_missing,
    repository::git_tells_nothing_of_others,
    repository::odd_files_keep_nobody_waiting,
    repository::filters_of_a_repository_work_for_tools,
}

// The same agent behind ACP. What an answer cannot say there (another input) is not among these, nor what Claude Code alone does beside the turns.
scenarios! {
    behind_acp, CLAUDE_AGENT_ACP;
    acp::a_turn_tells_who_answered_and_what_it_took,
    acp::a_tool_runs_if_the_caller_allows_it_and_not_otherwise,
    acp::a_denial_tells_its_reason_and_the_turn_goes_on,
    acp::an_edit_is_asked_about_once,
    acp::a_hook_that_is_killed_leaves_the_question,
    acp::a_call_of_a_sub_agent_names_the_call_that_started_it,
    acp::reading_in_the_work_directory_takes_nobodys_leave,
    acp::errors_of_the_model_fail_the_turn_and_not_the_session,
    acp::a_spare_serves_a_session_and_its_conversation_is_kept,
    acp::twenty_hot_turns_run_in_one_process,
    acp::two_sessions_at_once_keep_to_themselves,
    talk::deltas_come_before_the_answer_they_make_up,
    tools::a_session_that_bypasses_permissions_never_asks,
    tools::closing_the_engine_ends_the_tools_that_run,
    interruption::an_answer_is_interrupted_and_the_next_turn_is_clean,
    interruption::a_tool_is_interrupted_and_the_next_turn_is_clean,
    interruption::an_open_question_is_withdrawn_by_a_cancel,
    resumption::a_killed_agent_takes_the_conversation_up_again,
    resumption::another_engine_takes_the_conversation_up_again,
    resumption::a_lost_conversation_costs_itself_and_a_notice,
    resumption::a_damaged_conversation_is_told,
    dangers::the_guard_stops_in_every_mode_what_destroys,
    dangers::a_list_of_tools_holds_in_every_mode,
    dangers::the_guard_sees_what_a_sub_agent_does,
    dangers::the_jail_stops_what_gets_past_the_guard,
    dangers::ordinary_work_goes_through,
    jail::a_conversation_goes_on_in_it,
    hostile::none_wins_in_a_sample_of_settings,
    repository::nothing_beside_its_instructions_is_taken,
    repository::nothing_of_its_own_kinds_is_taken,
    repository::git_runs_nothing_at_the_start,
    repository::git_runs_nothing_of_a_planted_directory,
    repository::git_runs_nothing_of_a_submodule,
    repository::git_fetches_nothing_that_is_missing,
    repository::git_tells_nothing_of_others,
    repository::odd_files_keep_nobody_waiting,
    repository::filters_of_a_repository_work_for_tools,
}

/// What both releases of Codex do.
macro_rules! scenarios_of_codex {
    ($($room:ident::$scenario:ident,)*) => {
        scenarios! { codex_app_server, CODEX; $($room::$scenario,)* }
        scenarios! { codex_app_server_before, CODEX_BEFORE; $($room::$scenario,)* }
    };
}

// Its model has none of Claude's tools.
scenarios_of_codex! {
    codex::it_says_how_far_it_is_gated,
    codex::a_tool_runs_if_the_caller_allows_it_and_not_otherwise,
    codex::a_patch_is_asked_about_with_its_files,
    codex::the_guard_stops_in_every_mode_what_destroys,
    jail::a_conversation_goes_on_in_it,
    codex_gate::a_list_of_tools_holds_in_every_mode,
    codex_gate::rules_of_the_user_do_not_go_round_the_guard,
    codex_gate::tools_of_servers_are_gated,
    codex_gate::a_server_that_asks_the_user_is_declined,
    codex_gate::the_guard_sees_what_a_sub_agent_does,
    codex_gate::code_of_the_model_gets_nothing_past_the_guard,
    codex_gate::what_is_typed_into_a_program_reaches_it_not,
    codex_gate::a_hook_that_is_broken_denies,
    codex_gate::a_hostile_project_changes_nothing,
    acp::errors_of_the_model_fail_the_turn_and_not_the_session,
    acp::a_spare_serves_a_session_and_its_conversation_is_kept,
    acp::twenty_hot_turns_run_in_one_process,
    acp::two_sessions_at_once_keep_to_themselves,
    talk::deltas_come_before_the_answer_they_make_up,
    tools::a_session_that_bypasses_permissions_never_asks,
    codex::closing_the_engine_ends_the_tools_that_run,
    interruption::an_answer_is_interrupted_and_the_next_turn_is_clean,
    interruption::a_tool_is_interrupted_and_the_next_turn_is_clean,
    interruption::an_open_question_is_withdrawn_by_a_cancel,
    resumption::a_killed_agent_takes_the_conversation_up_again,
    resumption::another_engine_takes_the_conversation_up_again,
    resumption::a_lost_conversation_costs_itself_and_a_notice,
    resumption::a_damaged_conversation_is_told,
    repository::nothing_beside_its_instructions_is_taken,
    repository::nothing_of_its_own_kinds_is_taken,
    repository::git_runs_nothing_at_the_start,
    repository::git_runs_nothing_of_a_planted_directory,
    repository::git_runs_nothing_of_a_submodule,
    repository::git_fetches_nothing_that_is_missing,
    repository::git_tells_nothing_of_others,
    repository::odd_files_keep_nobody_waiting,
    repository::filters_of_a_repository_work_for_tools,
}

// Codex behind ACP, an older one.
scenarios! {
    codex_behind_acp, CODEX_ACP;
    codex_acp::a_turn_tells_who_answered,
    codex_acp::what_codex_knows_to_be_harmless_is_asked_about_too,
    acp::a_denial_tells_its_reason_and_the_turn_goes_on,
    codex_acp::a_denied_patch_is_told,
    codex_acp::a_hook_that_is_not_trusted_ends_the_start,
    codex_acp::a_hook_that_is_broken_ends_the_process_and_nothing_runs,
    codex_acp::there_are_no_sub_agents_and_nothing_to_type_into,
    codex_acp::a_review_is_gated,
    codex_acp::rules_of_the_user_change_nothing,
    codex_acp::the_jail_stops_what_gets_past_the_guard,
    codex::a_tool_runs_if_the_caller_allows_it_and_not_otherwise,
    codex::a_patch_is_asked_about_with_its_files,
    codex::the_guard_stops_in_every_mode_what_destroys,
    codex::closing_the_engine_ends_the_tools_that_run,
    codex_gate::a_list_of_tools_holds_in_every_mode,
    codex_gate::tools_of_servers_are_gated,
    codex_gate::a_hostile_project_changes_nothing,
    acp::errors_of_the_model_fail_the_turn_and_not_the_session,
    acp::a_spare_serves_a_session_and_its_conversation_is_kept,
    acp::twenty_hot_turns_run_in_one_process,
    acp::two_sessions_at_once_keep_to_themselves,
    talk::deltas_come_before_the_answer_they_make_up,
    tools::a_session_that_bypasses_permissions_never_asks,
    interruption::an_answer_is_interrupted_and_the_next_turn_is_clean,
    interruption::a_tool_is_interrupted_and_the_next_turn_is_clean,
    interruption::an_open_question_is_withdrawn_by_a_cancel,
    resumption::a_killed_agent_takes_the_conversation_up_again,
    resumption::another_engine_takes_the_conversation_up_again,
    resumption::a_lost_conversation_costs_itself_and_a_notice,
    resumption::a_damaged_conversation_is_told,
    jail::a_conversation_goes_on_in_it,
    repository::nothing_beside_its_instructions_is_taken,
    repository::nothing_of_its_own_kinds_is_taken,
    repository::git_runs_nothing_at_the_start,
    repository::git_runs_nothing_of_a_planted_directory,
    repository::git_runs_nothing_of_a_submodule,
    repository::git_fetches_nothing_that_is_missing,
    repository::git_tells_nothing_of_others,
    repository::odd_files_keep_nobody_waiting,
    repository::filters_of_a_repository_work_for_tools,
}

// aider, in which an audit hook of ours asks. It runs no commands by itself.
scenarios! {
    aider_chat, AIDER;
    aider::a_turn_tells_who_answered_and_what_it_took,
    aider::an_edit_is_asked_about_before_it_is_made,
    aider::the_guard_stops_in_every_mode_what_is_written_elsewhere,
    aider::a_hostile_project_changes_nothing,
    aider::nothing_outside_is_read_without_leave,
    aider::what_looks_like_a_command_is_answered,
    aider::without_its_hook_it_does_not_start,
    aider::a_trusted_project_has_its_settings,
    acp::twenty_hot_turns_run_in_one_process,
    acp::two_sessions_at_once_keep_to_themselves,
    acp::errors_of_the_model_fail_the_turn_and_not_the_session,
    acp::a_spare_serves_a_session_and_its_conversation_is_kept,
    talk::deltas_come_before_the_answer_they_make_up,
    interruption::an_answer_is_interrupted_and_the_next_turn_is_clean,
    resumption::a_killed_agent_takes_the_conversation_up_again,
    resumption::another_engine_takes_the_conversation_up_again,
    resumption::a_lost_conversation_costs_itself_and_a_notice,
    aider::a_conversation_goes_on_without_a_jail,
    repository::nothing_beside_its_instructions_is_taken,
    repository::nothing_of_its_own_kinds_is_taken,
    repository::git_runs_nothing_at_the_start,
    repository::git_runs_nothing_of_a_planted_directory,
    repository::git_runs_nothing_of_a_submodule,
    repository::git_fetches_nothing_that_is_missing,
    repository::git_tells_nothing_of_others,
    repository::odd_files_keep_nobody_waiting,
}

// Gemini. It has no mode for plans in a folder that it does not trust.
scenarios! {
    gemini_cli, GEMINI;
    gemini::a_turn_tells_who_answered_and_what_it_took,
    gemini::files_are_held_in_every_mode_by_what_was_asked,
    gemini::a_command_is_judged_where_it_runs,
    gemini::what_it_cannot_ask_about_is_denied,
    gemini::it_does_not_start_beside_policies_of_the_machine,
    gemini::a_wait_for_the_clock_ends_with_its_turn_and_its_engine,
    gemini::a_conversation_goes_on_without_a_jail,
    gemini::a_hostile_project_changes_nothing,
    gemini::an_edit_is_asked_about,
    gemini::the_environment_of_a_project_is_not_taken,
    gemini::a_trusted_project_runs_what_it_brings,
    acp::a_tool_runs_if_the_caller_allows_it_and_not_otherwise,
    acp::reading_in_the_work_directory_takes_nobodys_leave,
    acp::errors_of_the_model_fail_the_turn_and_not_the_session,
    acp::a_spare_serves_a_session_and_its_conversation_is_kept,
    acp::twenty_hot_turns_run_in_one_process,
    acp::two_sessions_at_once_keep_to_themselves,
    talk::deltas_come_before_the_answer_they_make_up,
    tools::a_session_that_bypasses_permissions_never_asks,
    tools::closing_the_engine_ends_the_tools_that_run,
    interruption::an_answer_is_interrupted_and_the_next_turn_is_clean,
    interruption::a_tool_is_interrupted_and_the_next_turn_is_clean,
    interruption::an_open_question_is_withdrawn_by_a_cancel,
    resumption::a_killed_agent_takes_the_conversation_up_again,
    resumption::another_engine_takes_the_conversation_up_again,
    resumption::a_lost_conversation_costs_itself_and_a_notice,
    resumption::a_damaged_conversation_is_told,
    dangers::the_guard_stops_in_every_mode_what_destroys,
    dangers::a_list_of_tools_holds_in_every_mode,
    dangers::the_jail_stops_what_gets_past_the_guard,
    dangers::ordinary_work_goes_through,
    jail::a_conversation_goes_on_in_it,
    repository::nothing_beside_its_instructions_is_taken,
    repository::nothing_of_its_own_kinds_is_taken,
    repository::git_runs_nothing_at_the_start,
    repository::git_runs_nothing_of_a_planted_directory,
    repository::git_runs_nothing_of_a_submodule,
    repository::git_fetches_nothing_that_is_missing,
    repository::git_tells_nothing_of_others,
    repository::odd_files_keep_nobody_waiting,
    repository::filters_of_a_repository_work_for_tools,
}

// OpenCode, in which a plugin of ours asks.
scenarios! {
    opencode_acp, OPENCODE;
    acp::a_turn_tells_who_answered_and_what_it_took,
    acp::a_tool_runs_if_the_caller_allows_it_and_not_otherwise,
    acp::reading_in_the_work_directory_takes_nobodys_leave,
    opencode::errors_of_the_model_fail_the_turn_or_leave_it_to_be_cancelled,
    acp::a_spare_serves_a_session_and_its_conversation_is_kept,
    acp::twenty_hot_turns_run_in_one_process,
    acp::two_sessions_at_once_keep_to_themselves,
    talk::deltas_come_before_the_answer_they_make_up,
    tools::a_denied_tool_does_not_run,
    tools::a_session_that_bypasses_permissions_never_asks,
    codex::closing_the_engine_ends_the_tools_that_run,
    interruption::an_answer_is_interrupted_and_the_next_turn_is_clean,
    interruption::a_tool_is_interrupted_and_the_next_turn_is_clean,
    interruption::an_open_question_is_withdrawn_by_a_cancel,
    resumption::a_killed_agent_takes_the_conversation_up_again,
    resumption::another_engine_takes_the_conversation_up_again,
    resumption::a_lost_conversation_costs_itself_and_a_notice,
    resumption::a_damaged_conversation_is_told,
    dangers::the_guard_stops_in_every_mode_what_destroys,
    dangers::a_list_of_tools_holds_in_every_mode,
    dangers::the_guard_sees_what_a_sub_agent_does,
    dangers::the_jail_stops_what_gets_past_the_guard,
    dangers::ordinary_work_goes_through,
    jail::a_conversation_goes_on_in_it,
    opencode::first_starts_at_once_all_become_sessions,
    opencode::a_plugin_that_cannot_be_loaded_fails_the_start,
    opencode::a_hostile_project_changes_nothing,
    opencode::a_project_with_plugins_does_not_start,
    opencode::a_redirection_alone_and_tools_of_servers_are_asked_about,
    opencode::what_looks_like_a_command_is_answered,
    opencode::a_sub_agent_is_asked_about_and_asks_nobody_else,
    opencode::what_is_shown_with_a_file_is_judged_with_it,
    repository::nothing_beside_its_instructions_is_taken,
    repository::nothing_of_its_own_kinds_is_taken,
    repository::git_runs_nothing_at_the_start,
    repository::git_runs_nothing_of_a_planted_directory,
    repository::git_runs_nothing_of_a_submodule,
    repository::git_fetches_nothing_that_is_missing,
    repository::git_tells_nothing_of_others,
    repository::odd_files_keep_nobody_waiting,
    repository::filters_of_a_repository_work_for_tools,
}

// What only the release does that most people have: 2.0.76 does nothing beside the turns by itself.
scenarios! {
    native_alone, NATIVE;
    background::a_session_with_a_command_in_the_background_is_not_idle,
    background::a_command_that_did_not_end_costs_no_answer_at_a_resume,
    background::what_a_sub_agent_asks_beside_the_turns_is_answered,
    background::after_a_clear_the_new_conversation_goes_on,
    acp::a_call_of_a_sub_agent_names_the_call_that_started_it,
    hostile::a_trusted_project_runs_what_it_brings,
}

// Hostile projects in all settings, which takes minutes.
scenarios! {
    hostile_projects, NATIVE, ignored = "takes minutes: `make test-hostile`";
    hostile::none_wins_in_any_setting,
    hostile::none_wins_alone,
    hostile::each_wins_alone_where_it_is_trusted,
}

// The bindings and the daemon with the release that most people have.
scenarios! {
    bindings, NATIVE, ignored = "`make test` builds the program that this runs, and names it";
    other_languages::c,
    other_languages::go,
    other_languages::node,
    other_languages::python,
    other_languages::daemon,
    other_languages::page,
}

/// What the pool saves, for each program.
macro_rules! figures {
    ($($module:ident, $release:ident;)*) => {
        $(scenarios! {
            $module, $release, ignored = "measures: `make figures`";
            figures::cold_prewarmed_and_hot,
        })*
    };
}

figures! {
    native_figures, NATIVE;
    javascript_figures, JAVASCRIPT;
    behind_acp_figures, CLAUDE_AGENT_ACP;
    codex_app_server_figures, CODEX;
    codex_app_server_before_figures, CODEX_BEFORE;
    codex_behind_acp_figures, CODEX_ACP;
    aider_chat_figures, AIDER;
    gemini_cli_figures, GEMINI;
    opencode_acp_figures, OPENCODE;
}
